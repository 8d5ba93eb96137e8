apk add --no-cache build-base docker-cli-compose curl
adduser -D -u 1000 app
