#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

int main(int argc, char **argv) {
    std::vector<std::string> words(argv + 1, argv + argc);
    std::sort(words.begin(), words.end());
    for (std::size_t i = 0; i < words.size(); i++) std::cout << (i ? " " : "") << words[i];
    std::cout << std::endl;
}
