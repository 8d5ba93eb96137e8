FROM debian:12
RUN <<"EOF"
$A
EOF
RUN <<'E'"O"F
$B
EOF
COPY <<-'X' /x
	$C
	X
