FROM debian:12
RUN first && \
    # the second
# and at the margin
    second && \

    
    third
