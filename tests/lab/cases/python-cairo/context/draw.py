import io

import cairo

surface = cairo.ImageSurface(cairo.FORMAT_ARGB32, 32, 32)
context = cairo.Context(surface)
context.arc(16, 16, 10, 0, 6.3)
context.fill()
out = io.BytesIO()
surface.write_to_png(out)
print("png", len(out.getvalue()))
