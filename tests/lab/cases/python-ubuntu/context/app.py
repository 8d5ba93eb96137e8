import bottle


@bottle.route("/")
def index():
    return "served\n"


bottle.run(host="0.0.0.0", port=5000, quiet=True)
