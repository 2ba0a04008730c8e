// The promises of the embedded engine on real models: smollm2-135m-instruct, which ./test pulls,
// and the default model where it was pulled. Their weights are in formats with other kernels.

#include <gtest/gtest.h>

#include <filesystem>

#include "model/hub/pull.h"
#include "model/hub/registry.h"
#include "model/llama/llama_model.h"
#include "testkit/run.h"
#include "testkit/text.h"

namespace cairn::llama {
namespace {

class RealModel : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    path_ = hub::path_of(hub::find_entry(hub::registry(), GetParam()));
    if (!std::filesystem::exists(path_)) GTEST_SKIP() << path_ << " was not pulled";
  }
  std::unique_ptr<LanguageModel> open() const {
    return make_llama_model({.path = path_.string(), .context_tokens = 512});
  }

 private:
  std::filesystem::path path_;
};

struct Drawn {
  std::vector<Token> tokens;
  std::vector<float> logprobs;
};

// Question `q`, sampled 24 tokens far; odd ones are cut at 12 and gone on with from a fork. Of each
// three one comes after 300 tokens and more, where attention has other kernels for a lone row, and
// one passes from the 256 tokens before to there. At the end given tokens are read: a few, which go
// along with other rows, or a piece of their own.
asio::awaitable<Drawn> ask(LanguageModel& model, int q, Budget& budget) {
  std::string text = "What is " + std::to_string(q) + " plus " + std::to_string(q * 7) + "?";
  const int sums[] = {60, 43, 0};
  text = testkit::repeated("Here is a sum. ", sums[q % 3]) + text;
  const std::vector<Message> asked{{"user", text}};
  GenerateRequest request;
  request.prefix = model.branch(nullptr, model.chat(asked));
  request.sampling.temperature = 0.8f;
  request.seed = 100 + q;
  request.max_tokens = q % 2 ? 12 : 24;
  GenerateRequest first = request;
  Generation drawn = co_await model.generate(std::move(first), budget);
  Drawn all{drawn.tokens, drawn.logprobs};
  BranchPtr end = drawn.branch;
  if (q % 2 == 1 && drawn.stop == Stop::max_tokens) {
    request.prefix = drawn.branch;
    Generation more = co_await model.generate(std::move(request), budget);
    all.tokens.insert(all.tokens.end(), more.tokens.begin(), more.tokens.end());
    all.logprobs.insert(all.logprobs.end(), more.logprobs.begin(), more.logprobs.end());
    end = more.branch;
  }
  std::vector<Token> given = model.tokenize(testkit::repeated(" and", 2 + q % 20), false);
  // The last token of a text that ended by itself is evaluated again to be gone on from.
  Budget apart;
  const Reading read = co_await model.read(std::move(end), std::move(given), apart);
  all.logprobs.insert(all.logprobs.end(), read.logprobs.begin(), read.logprobs.end());
  co_return all;
}

// The same question, seed and options give the same tokens alone, with 7 and with 40 in flight.
TEST_P(RealModel, CompanyDoesNotChangeWhatIsDrawn) {
  std::vector<Drawn> before;
  for (int q = 0; q < 3; ++q) {
    const auto model = open();
    ASSERT_TRUE(model->info().reproducible) << model->info().notes;
    Budget budget;
    before.push_back(testkit::run(ask(*model, q, budget)));
  }
  for (const int in_flight : {7, 40}) {
    const auto model = open();
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

INSTANTIATE_TEST_SUITE_P(Pulled, RealModel,
                         testing::Values("smollm2-135m-instruct", "qwen2.5-coder-0.5b-instruct"),
                         [](const auto& info) {
                           const std::string name = info.param;
                           return name.substr(0, name.find_first_of("-."));
                         });

}  // namespace
}  // namespace cairn::llama
