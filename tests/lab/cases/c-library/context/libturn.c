#include <string.h>

void turn(char *word) {
    for (size_t i = 0, n = strlen(word); i < n / 2; i++) {
        char kept = word[i];
        word[i] = word[n - 1 - i];
        word[n - 1 - i] = kept;
    }
}
