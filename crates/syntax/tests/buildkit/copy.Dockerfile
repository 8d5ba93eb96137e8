FROM debian:12
COPY --from=base --chown=1:2 --chmod=0755 --link a b /c/
COPY ["a b", "/c d/"]
COPY [a, b]
ADD --checksum=sha256:00 --keep-git-dir=true https://example.com/x.git#main /x
COPY [ab]*.txt /y/
COPY --exclude=*.md . /z
