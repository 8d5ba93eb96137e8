import os

from flask import Flask

app = Flask(__name__)


@app.get("/")
def stage():
    return os.environ["STAGE"] + "\n"
