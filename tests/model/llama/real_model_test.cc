// The promises of the embedded engine on a real model: smollm2-135m-instruct, which ./test pulls.

#include <gtest/gtest.h>

#include <filesystem>

#include "model/llama/llama_model.h"
#include "testkit/paths.h"
#include "testkit/run.h"

namespace cairn::llama {
namespace {

std::unique_ptr<LanguageModel> small_model() {
  LlamaOptions options;
  options.path = testkit::small_model_path().string();
  options.context_tokens = 128;
  return make_llama_model(options);
}

struct Drawn {
  std::vector<Token> tokens;
  std::vector<float> logprobs;
};

// Question `q`, sampled 24 tokens far; odd ones are cut at 12 and gone on with from a fork.
asio::awaitable<Drawn> ask(LanguageModel& model, int q, Budget& budget) {
  const std::string text = "What is " + std::to_string(q) + " plus " + std::to_string(q * 7) + "?";
  const std::vector<Message> asked{{"user", text}};
  GenerateRequest request;
  request.prefix = model.branch(nullptr, model.chat(asked));
  request.sampling.temperature = 0.8f;
  request.seed = 100 + q;
  request.max_tokens = q % 2 ? 12 : 24;
  GenerateRequest first = request;
  Generation drawn = co_await model.generate(std::move(first), budget);
  Drawn all{drawn.tokens, drawn.logprobs};
  if (q % 2 == 0 || drawn.stop != Stop::max_tokens) co_return all;
  request.prefix = drawn.branch;
  Generation more = co_await model.generate(std::move(request), budget);
  all.tokens.insert(all.tokens.end(), more.tokens.begin(), more.tokens.end());
  all.logprobs.insert(all.logprobs.end(), more.logprobs.begin(), more.logprobs.end());
  co_return all;
}

// The same question, seed and options give the same tokens with 1, 7 and 40 questions in flight.
TEST(RealModel, CompanyDoesNotChangeWhatIsDrawn) {
  if (!std::filesystem::exists(testkit::small_model_path()))
    GTEST_SKIP() << "run ./test, which pulls the model";
  std::vector<Drawn> before;
  for (const int in_flight : {1, 7, 40}) {
    const auto model = small_model();
    ASSERT_TRUE(model->info().reproducible) << model->info().notes;
    Budget budget;
    std::vector<asio::awaitable<Drawn>> questions;
    for (int q = 0; q < in_flight; ++q) questions.push_back(ask(*model, q, budget));
    const auto drawn = testkit::run_all(std::move(questions));
    for (std::size_t q = 0; q < before.size(); ++q) {
      EXPECT_EQ(drawn[q].tokens, before[q].tokens) << q;
      EXPECT_EQ(drawn[q].logprobs, before[q].logprobs) << q;  // to the last bit
    }
    before = drawn;
    const Usage spent = budget.spent();
    EXPECT_LE(spent.evaluated_tokens, spent.unique_tokens * 1.02);
  }
}

}  // namespace
}  // namespace cairn::llama
