import argparse


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument("--shout", action="store_true")
    options = parser.parse_args()
    greeting = f"hello {options.name}"
    print(greeting.upper() if options.shout else greeting)
