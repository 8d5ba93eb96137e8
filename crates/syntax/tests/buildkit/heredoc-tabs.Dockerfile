FROM debian:12
RUN <<-EOF
	first
		second
	EOF
USER app
