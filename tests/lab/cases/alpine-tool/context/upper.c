#include <ctype.h>
#include <stdio.h>

int main(int count, char **words)
{
    for (char *letter = words[1]; count > 1 && *letter; letter++)
        putchar(toupper(*letter));
    putchar('\n');
    return 0;
}
