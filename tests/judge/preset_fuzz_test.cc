// Thousands of spoilt presets: reading one gives a preset or an error that says why, nothing else.

#include <gtest/gtest.h>

#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "cairn/error.h"
#include "cairn/prompt.h"
#include "judge/preset.h"
#include "testkit/rounds.h"

namespace cairn::judge {
namespace {

// The program's own presets, and pieces that mean something in one.
std::vector<std::string> seeds() {
  std::vector<std::string> texts;
  for (const std::string& name : preset_names()) texts.emplace_back(prompt_text("judge/" + name));
  return texts;
}
const char* const kPieces[] = {"{question}",
                               "{step}",
                               "{solution}",
                               "\"form\"",
                               "\"tags\"",
                               "\"turns\"",
                               "\"outcome\"",
                               "\"aggregate\": \"last\",",
                               "[",
                               "]",
                               "{",
                               "}",
                               "null",
                               "1e999",
                               "-1",
                               "\"\"",
                               ",",
                               "\\u0000",
                               "\\ud800",
                               "\xFF",
                               "\"role\": \"system\",",
                               "[[[[[[[[[[[[[[[["};

std::string mutated(std::string text, const std::vector<std::string>& others, std::mt19937& rng) {
  for (auto edits = 1 + rng() % 4; edits > 0; --edits) {
    const std::size_t at = rng() % (text.size() + 1);
    const std::string& other = others[rng() % others.size()];
    switch (rng() % 6) {
      case 0:
        text.insert(at, kPieces[rng() % std::size(kPieces)]);
        break;
      case 1:
        text.erase(at, rng() % 60);
        break;
      case 2:
        text.insert(at, other.substr(rng() % other.size(), rng() % 200));
        break;
      case 3:
        text.resize(at);
        break;
      case 4:
        text.insert(at, 1, static_cast<char>(rng()));
        break;
      default:
        if (at < text.size()) text[at] ^= static_cast<char>(1u << rng() % 8);
    }
  }
  return text;
}

TEST(PresetFuzz, ASpoiltPresetIsReadOrRefused) {
  const std::vector<std::string> texts = seeds();
  std::mt19937 rng(testkit::Rounds::seed(5));
  int read = 0, refused = 0;
  for (testkit::Rounds rounds(3000); rounds.next();) {
    const std::string text = mutated(texts[rng() % texts.size()], texts, rng);
    try {
      const Preset preset = parse_preset("p.json", text);
      ASSERT_FALSE(preset.good.empty()) << text;
      ASSERT_FALSE(preset.bad.empty()) << text;
      ASSERT_NE(preset.aggregate, Fold::outcome) << text;
      ++read;
    } catch (const Error& error) {
      ASSERT_EQ(error.fault(), Fault::input) << text;
      ++refused;
    }
  }
  EXPECT_GT(read, 100);
  EXPECT_GT(refused, 100);
  RecordProperty("read", read);
  RecordProperty("refused", refused);
}

}  // namespace
}  // namespace cairn::judge
