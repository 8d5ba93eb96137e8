import io

from PIL import Image

buffer = io.BytesIO()
Image.new("RGB", (64, 64), "red").resize((8, 8)).save(buffer, "JPEG")
image = Image.open(io.BytesIO(buffer.getvalue()))
print(image.format, image.size, buffer.getvalue()[:2])
