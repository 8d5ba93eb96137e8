FROM debian:12
ENV A=1 B="2 3" C=4\ 5 D='6' \
    E="7 \
 8" \
    # why
    F=
ENV A old way  of it 
ENV X="a=b" Y=a=b
