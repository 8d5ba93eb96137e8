#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b) { return strcmp(a, b); }

int main(void)
{
    char words[64][32];
    size_t count = 0;
    while (count < 64 && scanf("%31s", words[count]) == 1)
        count++;
    qsort(words, count, sizeof words[0], compare);
    for (size_t i = 0; i < count; i++)
        printf("%s%c", words[i], i + 1 < count ? ' ' : '\n');
    return 0;
}
