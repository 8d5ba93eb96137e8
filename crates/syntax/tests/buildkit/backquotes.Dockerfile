FROM debian:12
RUN echo "`date` \`x\`" `date`
ENV A="`date`"
