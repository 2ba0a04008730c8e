// checked and recorded around a scripted model: what they let through is what it says.

#include <gtest/gtest.h>

#include <filesystem>

#include "cairn/error.h"
#include "cairn/runner.h"
#include "contracts/language_model_contract.h"
#include "model/checked.h"
#include "model/recorded.h"
#include "model/scripted.h"
#include "testkit/run.h"
#include "testkit/scripted_python.h"
#include "testkit/transcript.h"

namespace cairn {
namespace {

std::vector<ScriptLine> decorated_script() {
  return {{"<|assistant|>", {"2 + 2 = 4.\nThe answer is 4.\n", "It is odd.\nThe answer is 5.\n"}},
          {"Q:",
           {"first we count the clips", "then we halve what is left of them",
            "so it is a sum of two numbers"}}};
}

// Holds the model that a decorator borrows.
template <class Decorator>
struct Owning : ScriptedModel, Decorator {
  Owning() : ScriptedModel(decorated_script()), Decorator(static_cast<ScriptedModel&>(*this)) {}
};

template <class Decorator>
std::unique_ptr<LanguageModel> owning() {
  auto both = std::make_unique<Owning<Decorator>>();
  LanguageModel* model = static_cast<Decorator*>(both.release());
  return std::unique_ptr<LanguageModel>(model);
}

std::string played(LanguageModel& model, const std::string& recipe, std::uint64_t seed) {
  testkit::Transcript log;
  const Problem problem{.id = "toy/1", .question = "2 + 2 = ?", .database = "clips.sqlite"};
  testkit::ScriptedTools tools;
  RunOptions options{.seed = seed, .log = &log};
  options.tools = &tools;
  testkit::run(run_problem(model, find_recipe(recipe), problem, options));
  return log.text();
}

std::filesystem::path file_of(const std::string& name) {
  const auto path =
      std::filesystem::temp_directory_path() / ("cairn-" + name + std::to_string(::getpid()));
  std::filesystem::remove(path);
  return path;
}

// Says one token too few for what it charges.
class Cheat : public ScriptedModel {
 public:
  using ScriptedModel::ScriptedModel;
  asio::awaitable<Generation> generate(GenerateRequest request, Budget& budget) override {
    Generation got = co_await ScriptedModel::generate(std::move(request), budget);
    if (!got.logprobs.empty()) got.logprobs.pop_back();
    co_return got;
  }
};

TEST(CheckedModelTest, ABrokenContractIsAnErrorThatSaysWhich) {
  Cheat cheat(decorated_script());
  CheckedModel checked(cheat);
  try {
    played(checked, "cot", 1);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::model);
    EXPECT_NE(std::string(error.what()).find("log-probabilities"), std::string::npos)
        << error.what();
  }
}

TEST(CheckedModelTest, EveryRecipePasses) {
  for (const Recipe& recipe : catalog()) {
    ScriptedModel model(decorated_script());
    CheckedModel checked(model);
    ScriptedModel plain(decorated_script());
    EXPECT_EQ(played(checked, recipe.name, 3), played(plain, recipe.name, 3));
  }
}

TEST(RecordedModelTest, AReplayIsTheRun) {
  const auto path = file_of("recorded");
  ScriptedModel model(decorated_script());
  std::string real;
  {
    RecordingModel recording(model, path);
    real = played(recording, "best_of_n", 4);
  }
  ReplayModel replay(path);
  EXPECT_EQ(replay.info().name, "scripted");
  EXPECT_EQ(played(replay, "best_of_n", 4), real);
  std::filesystem::remove(path);
}

TEST(RecordedModelTest, WhatWasNotRecordedIsRefused) {
  const auto path = file_of("refused");
  ScriptedModel model(decorated_script());
  {
    RecordingModel recording(model, path);
    played(recording, "cot", 4);
  }
  ReplayModel replay(path);
  try {
    played(replay, "self_consistency", 5);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::input);
    EXPECT_NE(std::string(error.what()).find("holds no result"), std::string::npos) << error.what();
  }
  std::filesystem::remove(path);
}

}  // namespace

namespace contracts {

INSTANTIATE_TEST_SUITE_P(Checked, LanguageModelContract,
                         testing::Values(ModelFactory{"checked", owning<CheckedModel>, "Q:"}),
                         factory_name);

}  // namespace contracts
}  // namespace cairn
