// The embedded engine on tiny models of every kind of memory: what it draws depends on the prefix,
// the seed and the options, not on forks, roll-backs, evictions or company.

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>

#include "cairn/error.h"
#include "llama.h"
#include "model/llama/llama_model.h"
#include "model/llama/try_load.h"
#include "model/llama/turn.h"
#include "testkit/tiny_gguf.h"

namespace cairn::llama {
namespace {

using testkit::TinyArch;

template <class T>
T run(asio::awaitable<T> work) {
  asio::io_context io;
  std::optional<T> value;
  std::exception_ptr error;
  asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T result) {
    error = e;
    value = std::move(result);
  });
  io.run();
  if (error) std::rethrow_exception(error);
  return std::move(*value);
}

// All of them in flight at once.
std::vector<Generation> run_all(LanguageModel& model, std::vector<GenerateRequest> requests,
                                Budget& budget) {
  asio::io_context io;
  std::vector<Generation> results(requests.size());
  std::exception_ptr error;
  for (std::size_t i = 0; i < requests.size(); ++i)
    asio::co_spawn(io, model.generate(requests[i], budget),
                   [&, i](std::exception_ptr e, Generation result) {
                     if (e) error = e;
                     results[i] = std::move(result);
                   });
  io.run();
  if (error) std::rethrow_exception(error);
  return results;
}

const std::filesystem::path& folder() {
  static const auto path = [] {
    auto dir = std::filesystem::temp_directory_path() /
               ("cairn-engine-test-" +
                std::to_string(std::hash<std::thread::id>()(std::this_thread::get_id())));
    std::filesystem::create_directories(dir);
    return dir;
  }();
  return path;
}

LlamaOptions options(TinyArch arch) {
  LlamaOptions out;
  out.path = testkit::write_tiny_gguf(folder(), {.arch = arch});
  out.context_tokens = 256;
  out.rows = 8;
  out.threads = 2;
  return out;
}

GenerateRequest request(const BranchPtr& prefix, int tokens, std::uint64_t seed,
                        float temperature = 0.9f) {
  GenerateRequest out;
  out.prefix = prefix;
  out.max_tokens = tokens;
  out.seed = seed;
  out.sampling.temperature = temperature;
  return out;
}

class EngineTest : public testing::TestWithParam<TinyArch> {
 protected:
  void SetUp() override { model_ = make_llama_model(options(GetParam())); }

  BranchPtr branch(std::string_view text) {
    const auto tokens = model_->tokenize(text, false);
    return model_->branch(nullptr, tokens);
  }
  // The same tokens in an engine that has seen nothing else.
  std::vector<Token> afresh(const std::vector<Token>& prefix, int tokens, std::uint64_t seed,
                            float temperature) {
    const auto fresh = make_llama_model(options(GetParam()));
    const BranchPtr start = fresh->branch(nullptr, prefix);
    return run(fresh->generate(request(start, tokens, seed, temperature), budget_)).tokens;
  }
  void expect_no_cells() {
    for (int i = 0; i < 2000 && model_->counters().live_cells != 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(model_->counters().live_tokens, 0);
    EXPECT_EQ(model_->counters().live_cells, 0);
  }

  std::unique_ptr<LanguageModel> model_;
  Budget budget_;
};

TEST_P(EngineTest, TokensAreTextAndBack) {
  const std::string text = "the cat: 3.5 <|im_end|> \xc3\xa9 \xe2\x82\xac";
  const auto plain = model_->tokenize(text, false);
  EXPECT_EQ(model_->detokenize(plain), text);
  EXPECT_LT(model_->tokenize(text, true).size(), plain.size());  // the marker is one token
}

TEST_P(EngineTest, AForkedBranchGoesOnAsTheSameTextAfresh) {
  std::vector<Token> prefix;
  {
    const BranchPtr start = branch("In the beginning there was the number 17 and then");
    const Generation first = run(model_->generate(request(start, 30, 1, 0), budget_));
    const Generation left = run(model_->generate(request(first.branch, 20, 2, 0), budget_));
    const Generation right = run(model_->generate(request(first.branch, 20, 3), budget_));
    prefix = first.branch->tokens();
    EXPECT_EQ(left.tokens, afresh(prefix, 20, 2, 0));
    EXPECT_EQ(right.tokens, afresh(prefix, 20, 3, 0.9f));
  }
  expect_no_cells();
}

TEST_P(EngineTest, ARolledBackBranchGoesOnAsTheSameTextAfresh) {
  const BranchPtr start = branch("The answer is either one or the other of the");
  const Generation first = run(model_->generate(request(start, 40, 1, 0), budget_));
  const BranchPtr back = model_->rollback(first.branch, start->size() + 7);
  const Generation again = run(model_->generate(request(back, 20, 5), budget_));
  EXPECT_EQ(again.tokens, afresh(back->tokens(), 20, 5, 0.9f));
}

// 40 branches are held and 8 rows with 32 sequences serve them: some are evicted, all go on right.
TEST_P(EngineTest, MoreLiveBranchesThanSequences) {
  const BranchPtr start = branch("Once upon a time there were many branches");
  std::vector<GenerateRequest> first, second;
  for (int i = 0; i < 40; ++i) first.push_back(request(start, 12, i));
  const auto grown = run_all(*model_, first, budget_);
  for (int i = 0; i < 40; ++i) second.push_back(request(grown[i].branch, 8, 100 + i));
  const auto further = run_all(*model_, second, budget_);
  for (const int i : {0, 7, 39})
    EXPECT_EQ(further[i].tokens, afresh(grown[i].branch->tokens(), 8, 100 + i, 0.9f)) << i;
}

TEST_P(EngineTest, ThePromptOfManySamplesIsEvaluatedOnce) {
  const BranchPtr start =
      branch("A prompt that all of the samples share, of some length, to be read once.");
  std::vector<GenerateRequest> requests;
  for (int i = 0; i < 8; ++i) requests.push_back(request(start, 10, i));
  run_all(*model_, requests, budget_);
  const Usage spent = budget_.spent();
  if (model_->info().rollback) {
    EXPECT_LE(spent.evaluated_tokens - spent.unique_tokens, 8);
  }
  EXPECT_EQ(spent.evaluated_tokens, model_->counters().evaluated_tokens);
}

TEST_P(EngineTest, LogprobsOfAGenerationAreItsTeacherForcedOnes) {
  const BranchPtr start = branch("Some words to go on from");
  const Generation drawn = run(model_->generate(request(start, 12, 4), budget_));
  const std::vector<float> read = run(model_->read(start, drawn.tokens, budget_)).logprobs;
  ASSERT_EQ(read.size(), drawn.tokens.size());
  for (std::size_t i = 0; i < read.size(); ++i) EXPECT_NEAR(read[i], drawn.logprobs[i], 1e-3) << i;
}

TEST_P(EngineTest, LabelProbabilitiesSumToOneAndFollowTheLogits) {
  const BranchPtr start = branch("Is it right? ");
  const std::vector<Token> yes = model_->tokenize("y", false), no = model_->tokenize("n", false);
  const auto p = run(model_->label_probabilities(start, {yes, no}, budget_));
  ASSERT_EQ(p.size(), 2u);
  EXPECT_NEAR(p[0] + p[1], 1, 1e-6);
  const auto log_yes = run(model_->read(start, yes, budget_)).logprobs;
  const auto log_no = run(model_->read(start, no, budget_)).logprobs;
  EXPECT_NEAR(std::log(p[0] / p[1]), log_yes[0] - log_no[0], 2e-3);
}

TEST_P(EngineTest, HiddenStatesBelongToTheirPositions) {
  const BranchPtr whole = branch("hidden states of a few positions");
  const BranchPtr head = model_->rollback(whole, 6);
  const int last = static_cast<int>(whole->size()) - 1;
  const HiddenStates many = run(model_->hidden(whole, {0, 1}, {5, last}, budget_));
  const HiddenStates one = run(model_->hidden(head, {1}, {5}, budget_));
  ASSERT_EQ(many.data.size(), 2u * 2u * 64u);
  ASSERT_EQ(one.data.size(), 64u);
  for (int i = 0; i < 64; ++i)  // layer 1, position 5: causal, so the rest does not matter
    EXPECT_NEAR(one.data[i], many.data[(1 * 2 + 0) * 64 + i], 1e-3) << i;
  const auto unit = run(model_->embed("a text", budget_));
  double square = 0;
  for (const float x : unit) square += x * x;
  EXPECT_NEAR(square, 1, 1e-5);
}

TEST_P(EngineTest, AFullContextEndsTheGeneration) {
  const BranchPtr start = branch("fill");
  GenerateRequest long_request = request(start, 1000, 1);
  for (const Token token : model_->tokenize("<|im_end|><|endoftext|>", true))
    long_request.sampling.logit_bias.push_back({token, -1e9f});
  const Generation all = run(model_->generate(long_request, budget_));
  EXPECT_EQ(all.stop, Stop::context);
  EXPECT_EQ(all.branch->size(), 256u);
  std::vector<Token> too_long(300, start->tokens().front());
  const BranchPtr beyond = model_->branch(nullptr, too_long);
  EXPECT_THROW(run(model_->generate(request(beyond, 1, 1), budget_)), Error);
}

std::string kind_name(const testing::TestParamInfo<TinyArch>& info) {
  constexpr const char* kNames[] = {"llama", "gemma3", "mamba", "lfm2", "qwen3"};
  return kNames[static_cast<int>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(Kinds, EngineTest,
                         testing::Values(TinyArch::llama, TinyArch::gemma3, TinyArch::mamba,
                                         TinyArch::lfm2, TinyArch::qwen3),
                         kind_name);

// ---- one kind is enough for these

TEST(Engine, AGrammarHoldsTheTextToIt) {
  const auto model = make_llama_model(options(TinyArch::llama));
  Budget budget;
  const BranchPtr start = model->branch(nullptr, model->tokenize("Digits: ", false));
  GenerateRequest digits = request(start, 12, 3);
  digits.sampling.grammar = "root ::= [0-9] [0-9] [0-9] \"!\"";
  const Generation drawn = run(model->generate(digits, budget));
  ASSERT_EQ(drawn.text.size(), 4u) << drawn.text;
  EXPECT_TRUE(std::isdigit(drawn.text[0]) && std::isdigit(drawn.text[2]));
  EXPECT_EQ(drawn.text[3], '!');
  // Offered tokens count as far as the grammar admits them.
  digits.offered = model->tokenize("7x9", false);
  const Generation offered = run(model->generate(digits, budget));
  ASSERT_EQ(offered.text.size(), 4u) << offered.text;
  EXPECT_EQ(offered.text[0], '7');
  EXPECT_TRUE(std::isdigit(offered.text[1]));
  digits.offered.clear();
  digits.sampling.grammar = "root ::= (";
  EXPECT_THROW(run(model->generate(digits, budget)), Error);
}

TEST(Engine, AChatPrefillLeavesTheTurnOpen) {
  const auto model = make_llama_model(options(TinyArch::llama));
  const std::vector<Message> asked{{"user", "2 + 2 <|im_end|>?"}};
  const std::vector<Message> begun{{"user", "2 + 2 <|im_end|>?"}, {"assistant", "Let"}};
  const auto one = model->chat(asked), two = model->chat(begun);
  const auto let = model->tokenize("Let", false);
  ASSERT_EQ(two.size(), one.size() + let.size());
  EXPECT_TRUE(std::equal(one.begin(), one.end(), two.begin()));
  EXPECT_EQ(model->detokenize(one),
            "<|im_start|>user\n2 + 2 <|im_end|>?<|im_end|>\n<|im_start|>assistant\n");
  // The marker in the user's text is text: it is spelt in bytes, not one control token.
  const Token end = model->tokenize("<|im_end|>", true).at(0);
  EXPECT_EQ(std::count(one.begin(), one.end(), end), 1);
}

// What llama.cpp's own pooling makes of the tokens: the softmax over the classes.
std::vector<float> ranked(const LlamaOptions& from, const std::vector<Token>& tokens) {
  llama_model* model = llama_model_load_from_file(from.path.c_str(), llama_model_default_params());
  llama_context_params params = llama_context_default_params();
  params.n_ctx = params.n_batch = params.n_ubatch = 256;
  params.embeddings = true;
  params.pooling_type = LLAMA_POOLING_TYPE_RANK;
  llama_context* context = llama_init_from_model(model, params);
  std::vector<llama_token> given(tokens.begin(), tokens.end());
  llama_decode(context, llama_batch_get_one(given.data(), static_cast<int>(given.size())));
  const float* scores = llama_get_embeddings_seq(context, 0);
  const std::vector<float> result(scores, scores + llama_model_n_cls_out(model));
  llama_free(context);
  llama_model_free(model);
  return result;
}

TEST(Engine, ClassesAreLabelsOfAModelWithAClassificationHead) {
  const LlamaOptions with = options(TinyArch::qwen3);
  const auto model = make_llama_model(with);
  ASSERT_EQ(model->info().classes, (std::vector<std::string>{"no", "yes"}));
  const Token no = model->info().vocabulary, yes = no + 1;
  Budget budget;
  BranchPtr read;
  std::vector<float> seen;
  for (const char* text : {"Is it right? ", "Two and two are four.", " So the answer is 4."}) {
    read = model->branch(read, model->tokenize(text, false));
    const std::vector<float> expected = ranked(with, read->tokens());
    const auto p = run(model->label_probabilities(read, {{yes}, {no}}, budget));
    ASSERT_EQ(p.size(), 2u);
    EXPECT_NEAR(p[0], expected[1], 1e-3) << text;
    EXPECT_NEAR(p[1], expected[0], 1e-3) << text;
    seen.push_back(p[0]);
  }
  EXPECT_GT(std::abs(seen[0] - seen[1]) + std::abs(seen[1] - seen[2]), 0.01);  // it reads the text
  EXPECT_EQ(budget.spent().evaluated_tokens, static_cast<std::int64_t>(read->size()));
  const Token a = model->tokenize("a", false).at(0);
  EXPECT_THROW(run(model->label_probabilities(read, {{yes}, {a}}, budget)), Error);
  EXPECT_THROW(run(model->label_probabilities(read, {{yes}, {yes + 1}}, budget)), Error);
  const auto plain = make_llama_model(options(TinyArch::llama));
  EXPECT_TRUE(plain->info().classes.empty());
}

// The promise: the same request gives the same tokens, alone or among 7 or 40 others.
TEST(Engine, CompanyDoesNotChangeWhatIsDrawn) {
  std::vector<std::vector<Token>> alone;
  for (const int company : {1, 7, 40}) {
    LlamaOptions with = options(TinyArch::llama);
    with.kv = KvLayout::split;
    with.reproducible = Reproducible::on;
    const auto model = make_llama_model(with);
    ASSERT_TRUE(model->info().reproducible);
    Budget budget;
    std::vector<GenerateRequest> requests;
    for (int i = 0; i < company; ++i) {
      const std::string text =
          "Question " + std::to_string(i) + ": " + std::string(i * 3, 'x') + " how many?";
      requests.push_back(request(model->branch(nullptr, model->tokenize(text, false)), 24, i));
    }
    const auto drawn = run_all(*model, requests, budget);
    if (alone.empty()) {
      alone.push_back(drawn[0].tokens);
      continue;
    }
    EXPECT_EQ(drawn[0].tokens, alone[0]) << "in company of " << company;
    EXPECT_EQ(drawn[0].tokens.size(), alone[0].size());
    if (alone.size() == 1)
      for (int i = 1; i < 7; ++i) alone.push_back(drawn[i].tokens);
    else
      for (int i = 1; i < 7; ++i) EXPECT_EQ(drawn[i].tokens, alone[i]) << i;
  }
}

// More questions than rows, with a long prefix in common: forks, moves and evictions of split
// sequences all happen between two decodes.
TEST(Engine, QuestionsWithALongCommonPrefixDoNotMixUp) {
  LlamaOptions with = options(TinyArch::llama);
  with.kv = KvLayout::split;
  const std::string examples =
      "Q: one and one? A: two. Q: two and three? A: five. Q: four and four? A: eight. "
      "Q: nine and one? A: ten. Q: six and seven? A: thirteen. ";
  const auto ask = [&](LanguageModel& model, std::vector<int> questions) {
    std::vector<GenerateRequest> requests;
    Budget budget;
    for (const int q : questions) {
      const std::string text =
          examples + "Q: what is " + std::string(1 + q % 7, 'a') + std::to_string(q) + "?";
      requests.push_back(
          request(model.branch(nullptr, model.tokenize(text, false)), 4 + q % 23, q));
    }
    return run_all(model, requests, budget);
  };
  const auto model = make_llama_model(with);
  std::vector<int> all(30);
  for (int q = 0; q < 30; ++q) all[q] = q;
  const auto together = ask(*model, all);
  for (int q = 0; q < 30; ++q) {
    const auto fresh = make_llama_model(with);
    EXPECT_EQ(together[q].tokens, ask(*fresh, {q})[0].tokens) << q;
  }
}

// 8 rows and 40 branches that wait, all in turn: sequences for one question are too few.
TEST(Engine, QuestionsInFlightHaveSequencesForTheirBranches) {
  const auto again = [](int questions) {
    LlamaOptions with = options(TinyArch::llama);
    with.kv = KvLayout::split;
    with.questions = questions;
    const auto model = make_llama_model(with);
    Budget budget;
    const BranchPtr start = model->branch(nullptr, model->tokenize("All in turn", false));
    std::vector<GenerateRequest> requests;
    for (int i = 0; i < 40; ++i) requests.push_back(request(start, 16, i));
    const auto grown = run_all(*model, requests, budget);
    for (int i = 0; i < 40; ++i) requests[i].prefix = grown[i].branch;
    run_all(*model, requests, budget);
    return budget.spent().evaluated_tokens - budget.spent().unique_tokens;
  };
  EXPECT_GE(again(1), 100);  // some branch of 16 tokens more often than not
  EXPECT_LE(again(4), 8);
}

// How the weights got into memory and how long the pieces are that a prompt is read in: none of it
// may show in what is drawn.
TEST(Engine, MappedOrReadAndInPiecesOfAnyLengthItDrawsTheSame) {
  std::vector<std::vector<Token>> drawn;
  for (const bool mmap : {false, true})
    for (const int ubatch : {16, 60, 512}) {
      LlamaOptions with = options(TinyArch::llama);
      with.kv = KvLayout::split;
      with.mmap = mmap;
      with.ubatch = ubatch;
      const auto model = make_llama_model(with);
      Budget budget;
      const BranchPtr start = model->branch(nullptr, model->tokenize(std::string(150, 'x'), false));
      drawn.push_back(run(model->generate(request(start, 30, 9), budget)).tokens);
      EXPECT_EQ(drawn.back(), drawn.front()) << mmap << " " << ubatch;
    }
}

TEST(Engine, CellsOf8BitsTakeAboutHalfAndForkLikeOthers) {
  LlamaOptions with = options(TinyArch::llama);
  with.path = testkit::write_tiny_gguf(
      folder(), {.seed = 32, .heads = 2, .kv_heads = 1});  // heads of 32 values
  const auto wide = make_llama_model(with);
  with.keys = with.values = CacheType::q8_0;
  const auto narrow = make_llama_model(with), fresh = make_llama_model(with);
  EXPECT_EQ(narrow->counters().cache_bytes * 64, wide->counters().cache_bytes * 34);
  Budget budget;
  const BranchPtr start = narrow->branch(nullptr, narrow->tokenize("Cells of 8 bits", false));
  const Generation first = run(narrow->generate(request(start, 12, 5), budget));
  const Generation forked = run(narrow->generate(request(first.branch, 12, 6), budget));
  const BranchPtr afresh = fresh->branch(nullptr, first.branch->tokens());
  EXPECT_EQ(forked.tokens, run(fresh->generate(request(afresh, 12, 6), budget)).tokens);
}

TEST(Engine, WithoutFlashAttentionNothingIsPromised) {
  LlamaOptions with = options(TinyArch::llama);
  with.kv = KvLayout::split;
  with.flash_attention = false;
  const auto model = make_llama_model(with);
  EXPECT_FALSE(model->info().reproducible);
  EXPECT_NE(model->info().notes.find("flash-attention=off"), std::string::npos);
  Budget budget;
  const BranchPtr start = model->branch(nullptr, model->tokenize("Without it", false));
  EXPECT_EQ(run(model->generate(request(start, 12, 5), budget)).tokens.size(), 12u);
  with.values = CacheType::q8_0;
  EXPECT_THROW(make_llama_model(with), Error);
}

TEST(Engine, BothLayoutsDrawTheSame) {
  std::vector<std::vector<Token>> drawn;
  for (const KvLayout layout : {KvLayout::unified, KvLayout::split}) {
    LlamaOptions with = options(TinyArch::llama);
    with.kv = layout;
    const auto model = make_llama_model(with);
    Budget budget;
    const BranchPtr start = model->branch(nullptr, model->tokenize("Which layout is it?", false));
    drawn.push_back(run(model->generate(request(start, 40, 9, 0), budget)).tokens);
  }
  EXPECT_EQ(drawn[0], drawn[1]);
}

// A second model is opened, a draft say, while the first evaluates: the child process in which it
// is tried has none of the threads that had a turn or waited for one.
TEST(Engine, AModelIsTriedBesideAnotherThatEvaluates) {
  std::atomic<bool> tried = false;
  const auto evaluate = [&] {
    while (!tried) const std::lock_guard<Turn> mine(processor_turn());
  };
  std::jthread one(evaluate), two(evaluate);
  for (int i = 0; i < 20; ++i) {
    const auto fault =
        try_beside_models([] { const std::lock_guard<Turn> mine(processor_turn()); });
    EXPECT_EQ(fault, std::nullopt);
  }
  tried = true;
}

}  // namespace
}  // namespace cairn::llama
