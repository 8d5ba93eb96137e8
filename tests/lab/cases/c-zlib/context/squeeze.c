#include <stdio.h>
#include <zlib.h>

int main(void)
{
    unsigned char in[1024], out[2048];
    size_t length = fread(in, 1, sizeof in, stdin);
    uLongf size = sizeof out;
    if (compress(out, &size, in, length) != Z_OK)
        return 1;
    printf("%zu -> %lu\n", length, size);
    return 0;
}
