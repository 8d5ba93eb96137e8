FROM	debian:12	AS	base
COPY	a		b
RUN	make	all
USER	app	
