// GBNF through the engine: what a grammar admits, and texts that are no grammar.

#include "model/llama/grammar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <random>

#include "cairn/error.h"
#include "model/cached.h"
#include "model/llama/llama_model.h"
#include "model/llama/load.h"
#include "testkit/run.h"
#include "testkit/tiny_gguf.h"

namespace cairn::llama {
namespace {

class Grammar : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    const auto folder =
        std::filesystem::temp_directory_path() / ("cairn-grammar-test-" + std::to_string(getpid()));
    std::filesystem::create_directories(folder);
    path_ = testkit::write_tiny_gguf(folder);
    model_ = make_llama_model({.path = path_, .context_tokens = 128, .rows = 8, .threads = 1});
  }
  static void TearDownTestSuite() {
    model_.reset();
    std::filesystem::remove_all(std::filesystem::path(path_).parent_path());
  }

  Generation generate(const std::string& grammar, std::uint64_t seed, Sampling sampling = {},
                      int max_tokens = 24) {
    sampling.grammar = grammar;
    return generate(*model_, sampling, seed, max_tokens);
  }

  static Generation generate(LanguageModel& model, Sampling sampling, std::uint64_t seed,
                             int max_tokens) {
    GenerateRequest request{.prefix = model.branch(nullptr, model.tokenize("Is it so?", false)),
                            .sampling = std::move(sampling),
                            .seed = seed,
                            .max_tokens = max_tokens};
    Budget budget;
    return testkit::run(model.generate(std::move(request), budget));
  }

  std::string refusal(const std::string& grammar) {
    try {
      generate(grammar, 1, {}, 1);
      return "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input);
      return error.what();
    }
  }

  static std::string path_;
  static std::unique_ptr<LanguageModel> model_;
};

std::string Grammar::path_;
std::unique_ptr<LanguageModel> Grammar::model_;

// A model of random weights would never say either by itself; both have to come up.
TEST_F(Grammar, LeavesOnlyWhatItAdmits) {
  for (const Sampling& sampling : {Sampling{.temperature = 1}, Sampling{.temperature = 2},
                                   Sampling{.temperature = 1, .top_k = 2, .top_p = 0.99f}}) {
    std::map<std::string, int> seen;
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
      const Generation generation = generate(R"(root ::= "yes" | "no")", seed, sampling);
      ++seen[generation.text];
      EXPECT_EQ(generation.stop, Stop::end_of_text);
    }
    EXPECT_EQ(seen.size(), 2u);
    EXPECT_EQ(seen["yes"] + seen["no"], 24);
  }
}

TEST_F(Grammar, HoldsForTheMostProbableToo) {
  EXPECT_THAT(generate("root ::= [0-9]{3} \"!\"", 1).text, testing::MatchesRegex("[0-9]{3}!"));
}

TEST_F(Grammar, RefusesWhatIsNoGrammar) {
  const char* const kBroken[] = {
      "answer ::= \"yes\"",           // no root
      "root ::= \"yes",               // a literal without an end
      "root ::= missing",             // a rule that is not there
      "root ::= root \"a\" | \"b\"",  // left recursion
      "root ::= (\"a\"",
      "root ::= [a-z",
      "yes or no",
      "root = \"a\"",
  };
  for (const char* text : kBroken) EXPECT_THAT(refusal(text), testing::StartsWith("grammar: "));
}

TEST_F(Grammar, RefusesWhatIsTooLargeToRead) {
  const std::string deep =
      "root ::= " + std::string(200000, '(') + "\"a\"" + std::string(200000, ')');
  EXPECT_THAT(refusal(deep), testing::HasSubstr("at most 262144 bytes and brackets 256 deep"));
  EXPECT_EQ(refusal("root ::= " + std::string(250, '(') + "\"a\"" + std::string(250, ')')),
            "accepted");
}

// What a grammar left to draw is drawn once, also where a longer request goes on behind it.
TEST_F(Grammar, DrawsUnderItAreKept) {
  DrawCache cache;
  CachedModel cached(*model_, cache);
  const Sampling sampling{.temperature = 1,
                          .grammar = R"(root ::= [0-9] [0-9] [0-9] [0-9] [0-9] "!")"};
  const Generation plain = generate(*model_, sampling, 3, 24);
  EXPECT_EQ(plain.stop, Stop::end_of_text);
  generate(cached, sampling, 3, 2);
  const std::int64_t before = model_->counters().generated_tokens;
  for (int i = 0; i < 2; ++i) {
    const Generation kept = generate(cached, sampling, 3, 24);
    EXPECT_EQ(kept.text, plain.text);
    EXPECT_EQ(kept.logprobs, plain.logprobs);
    EXPECT_EQ(kept.stop, plain.stop);
    EXPECT_EQ(kept.usage.generated_tokens, plain.usage.generated_tokens);
    EXPECT_EQ(kept.usage.cached_tokens, i == 0 ? 2 : 7);
  }
  EXPECT_EQ(model_->counters().generated_tokens - before, 4 + 1);  // digits and "!", then the end
}

// All tokens at once, of which few are looked at, and each by itself: along random texts that the
// grammars admit.
TEST_F(Grammar, AdmitsAllAtOnceWhatItAdmitsOneByOne) {
  const LoadedModel loaded = load_model({.path = path_}, false);
  const Vocabulary vocabulary(loaded.model.get(), "tiny");
  Grammars grammars(loaded.model.get(), vocabulary);
  std::mt19937 rng(5);
  for (const char* text : {
           R"(root ::= "unstack the red block" | "un" | "pick" | "put \"it\"\n")",
           R"(root ::= [^a-m] | [0-9]+ root | "é" [à-ü]* "€")",
           R"(root ::= ("x" | "<") root?)",
           R"(root ::= .+)",
           R"(root ::= "a"* "b"?)",
       }) {
    for (int walk = 0; walk < 8; ++walk) {
      const auto filter = grammars.make(text);
      for (int length = 0; length < 12; ++length) {
        std::vector<float> logits(vocabulary.size(), 0.5f);
        filter->apply(logits);
        std::vector<Token> admitted;
        for (Token token = 0; token < vocabulary.size(); ++token) {
          ASSERT_EQ(filter->accepts(token), logits[token] == 0.5f) << text << ": " << token;
          if (filter->accepts(token)) admitted.push_back(token);
        }
        ASSERT_FALSE(admitted.empty());
        const Token next = admitted[rng() % admitted.size()];
        if (vocabulary.ends_text(next)) break;
        filter->accept(next);
      }
    }
  }
}

// Any text is either a grammar or an Error.
TEST_F(Grammar, SurvivesSpoiltText) {
  const std::string good =
      "root ::= \"{\" ws (pair (\",\" ws pair)*)? \"}\"\n"
      "pair ::= [a-z]+ \":\" ws value # comment\n"
      "value ::= \"true\" | [0-9]{1,3} | \"\\x41\\n\" | [^\"\\\\]\n"
      "ws ::= [ \\t]*\n";
  const std::string pieces = "\"[](){}|*+?#:=\\x-^ \n,19arws.<>\xff";
  std::mt19937 rng(3);
  for (int i = 0; i < 300; ++i) {
    std::string text = good;
    for (unsigned changes = 1 + rng() % 4; changes > 0; --changes) {
      const std::size_t at = rng() % text.size();
      const char piece = pieces[rng() % pieces.size()];
      if (rng() % 3 == 0)
        text.erase(at, 1 + rng() % 5);
      else if (rng() % 2 == 0)
        text.insert(at, 1, piece);
      else
        text[at] = piece;
    }
    try {
      generate(text, rng(), {.temperature = 1}, 3);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::input) << error.what();
    }
  }
}

}  // namespace
}  // namespace cairn::llama
