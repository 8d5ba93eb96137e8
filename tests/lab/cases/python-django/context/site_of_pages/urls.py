from django.http import HttpResponse
from django.urls import path
from pages.models import Page

urlpatterns = [path("", lambda request: HttpResponse(f"pages: {Page.objects.count()}"))]
