#include "cairn/examples.h"

#include <gtest/gtest.h>

#include <numeric>

namespace cairn {
namespace {

using Order = std::vector<std::size_t>;

Prompt pool() {
  return parse_prompt("pool",
                      "## system\nProve it.\n"
                      "## user\nA cat sat on a mat.\n## assistant\none\n"
                      "## user\nA dog sat on 3 mats.\n## assistant\ntwo\n"
                      "## user\nBirds sing.\n## assistant\nthree\n"
                      "## user\n{question}\n## assistant\nSo");
}

// One shared word decides; without one the pool's order stays.
TEST(ExamplesTest, TheMostSimilarComesFirst) {
  const Examples examples(pool());
  EXPECT_EQ(examples.size(), 3u);
  EXPECT_EQ(examples.like("Do birds sing?"), (Order{2, 0, 1}));
  EXPECT_EQ(examples.like("Where is the dog?"), (Order{1, 0, 2}));
  EXPECT_EQ(examples.like("MATS, mats, 3 cats"), (Order{1, 0, 2}));
  EXPECT_EQ(examples.like("Quo vadis"), (Order{0, 1, 2}));
}

// "sat" is in two of three examples: ln(4/2) = 0.69. "dog" and "cat" are in one: ln(4/1) = 1.39.
// "sat, cat" has a cosine with the first of (0.69² + 1.39²) / (…), with the second of 0.69² / (…).
TEST(ExamplesTest, ARareWordWeighsMore) {
  const Examples examples(pool());
  EXPECT_EQ(examples.like("sat: a cat")[0], 0u);
  EXPECT_EQ(examples.like("sat: the dog")[0], 1u);
}

TEST(ExamplesTest, AQuestionIsNoExampleForItself) {
  EXPECT_EQ(Examples(pool()).like("A dog sat on 3 mats. "), (Order{0, 2}));
}

TEST(ExamplesTest, ThePromptHasTheChosenOnesInTheirOrder) {
  const Order chosen = {2, 0};
  const Prompt prompt = Examples(pool()).with(chosen);
  std::string text;
  for (const Message& turn : prompt.turns) text += turn.role[0] + turn.content + "|";
  EXPECT_EQ(text, "sProve it.|uBirds sing.|athree|uA cat sat on a mat.|aone|u{question}|aSo|");
  EXPECT_EQ(Examples(pool()).with({}).turns.size(), 3u);
  EXPECT_EQ(Examples(Prompt{}).like("q"), Order());
}

// dynamic_program's own pool: each answer is a whole function body behind the head.
TEST(ExamplesTest, ThePoolOfDynamicProgramHoldsPrograms) {
  const Examples examples(prompt_named("tool/dynamic_program"));
  EXPECT_EQ(examples.size(), 12u);
  Order all(examples.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (const Message& turn : examples.with(all).turns) {
    if (turn.role != "assistant") continue;
    EXPECT_TRUE(turn.content.starts_with("```python\ndef solution():")) << turn.content;
  }
}

}  // namespace
}  // namespace cairn
