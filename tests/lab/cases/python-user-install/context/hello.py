import click


@click.command()
@click.option("--name")
def hello(name):
    print("hello", name)


hello()
