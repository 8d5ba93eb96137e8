#include <stdio.h>

void turn(char *word);

int main(int argc, char **argv) {
    if (argc < 2) return 2;
    turn(argv[1]);
    puts(argv[1]);
    return 0;
}
