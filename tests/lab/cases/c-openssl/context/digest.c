#include <openssl/evp.h>
#include <stdio.h>

int main(void)
{
    unsigned char text[1024], sum[EVP_MAX_MD_SIZE];
    unsigned length;
    size_t read = fread(text, 1, sizeof text, stdin);
    if (!EVP_Digest(text, read, sum, &length, EVP_sha256(), NULL))
        return 1;
    for (unsigned i = 0; i < length; i++)
        printf("%02x", sum[i]);
    putchar('\n');
    return 0;
}
