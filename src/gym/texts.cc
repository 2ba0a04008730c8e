// Texts, letter by letter or rule by rule.

#include <fmt/format.h>

#include <algorithm>

#include "gym/families.h"

namespace cairn::gym {
namespace {

Exercise string_rewriting(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::string text;
  for (int i = 0; i < 3 + difficulty; ++i) text += "abc"[draw.from(0, 2)];
  text += "ba";  // at least one rule applies
  const std::string given = "Text: " + text;
  Lines steps;
  for (std::size_t at; (at = std::min(text.find("ba"), text.find("cb"))) != std::string::npos;) {
    std::swap(text[at], text[at + 1]);
    steps.push_back(text);
  }
  return made(
      "Two rules: ba becomes ab, and cb becomes bc. Always rewrite the leftmost place where one "
      "applies, until none does. A step is the text after a rewriting: abcab.",
      given, std::move(steps));
}

Exercise caesar(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  const int shift = draw.from(1, 12);
  std::string word, coded;
  Lines steps;
  for (int i = 0; i < 2 + difficulty; ++i) {
    word += static_cast<char>('a' + draw.from(0, 25));
    coded += static_cast<char>('a' + (word.back() - 'a' + shift) % 26);
    steps.push_back(fmt::format("{} -> {}", word.back(), coded.back()));
  }
  steps.push_back(coded);
  return made(fmt::format("Shift each letter forward by {} in the alphabet; after z comes a. A "
                          "step is one letter, c -> f; the last step is the coded word.",
                          shift),
              "Word: " + word, std::move(steps));
}

Exercise count_letters(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::string word;
  Lines steps;
  int count = 0;
  for (int i = 0; i < 3 + difficulty; ++i) {
    word += "abcde"[draw.from(0, 4)];
    count += word.back() == 'a' ? 1 : 0;
    steps.push_back(fmt::format("{}. {} {}", i + 1, word.back(), count));
  }
  return made(
      "Count the letter a. A step is the place, from 1, the letter there and the count so far: 1. "
      "b 0.",
      "Word: " + word, std::move(steps));
}

Exercise run_length(std::uint64_t seed, int difficulty) {
  Draw draw(seed);
  std::string text, coded;
  Lines steps;
  char last = ' ';
  for (int i = 0; i < 2 + difficulty; ++i) {
    char c = "abcd"[draw.from(0, 3)];
    if (c == last) c = c == 'd' ? 'a' : static_cast<char>(c + 1);
    const int times = draw.from(1, 5);
    text += std::string(static_cast<std::size_t>(times), c);
    coded += fmt::format("{}{}", times, c);
    steps.push_back(coded);
    last = c;
  }
  return made(
      "Write each run of one letter as its length and the letter. A step is the code so far, one "
      "run longer each time: 3a2b.",
      "Text: " + text, std::move(steps));
}

}  // namespace

std::vector<Procedure> texts() {
  return {{"caesar", "letters shifted in the alphabet", caesar},
          {"count_letters", "a count along a word", count_letters},
          {"run_length", "a text as lengths and letters", run_length},
          {"string_rewriting", "a text by two rules", string_rewriting}};
}

}  // namespace cairn::gym
