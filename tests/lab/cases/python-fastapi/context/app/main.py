from fastapi import FastAPI

app = FastAPI()


@app.get("/items/{item}")
def read(item: int, name: str = ""):
    return {"item": item, "name": name}
