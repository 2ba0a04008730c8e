#include "model/hub/resolve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "cairn/error.h"
#include "testkit/http_server.h"
#include "testkit/text.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testkit::file_reply;
using testkit::HttpCall;
using testkit::HttpReply;
using testkit::HttpServer;

std::string chosen(const std::vector<std::string>& names, const std::string& quant) {
  std::vector<HubListing> files;
  for (const std::string& name : names) files.push_back({name, 1, ""});
  const auto file = choose_file(files, quant);
  return file ? file->path : "";
}

TEST(ChooseFile, TakesTheQuantizationThatWasNamed) {
  const std::vector<std::string> names = {"README.md", "m-Q8_0.gguf", "m-q4_k_m.gguf",
                                          "m-Q4_K_S.gguf", "sub/m-F16.gguf"};
  EXPECT_EQ(chosen(names, "Q8_0"), "m-Q8_0.gguf");
  EXPECT_EQ(chosen(names, "Q4_K_M"), "m-q4_k_m.gguf");
  EXPECT_EQ(chosen(names, "q4_k_s"), "m-Q4_K_S.gguf");
  EXPECT_EQ(chosen(names, "f16"), "sub/m-F16.gguf");
  EXPECT_EQ(chosen(names, "Q4_K"), "");  // Q4_K is followed by _, so it is neither
  EXPECT_EQ(chosen(names, "Q6_K"), "");
}

TEST(ChooseFile, PrefersQ4KMThenQ80ThenTheFirst) {
  EXPECT_EQ(chosen({"a-Q2_K.gguf", "a-Q8_0.gguf", "a-Q4_K_M.gguf"}, ""), "a-Q4_K_M.gguf");
  EXPECT_EQ(chosen({"a-Q2_K.gguf", "a-Q8_0.gguf"}, ""), "a-Q8_0.gguf");
  EXPECT_EQ(chosen({"a-Q2_K.gguf", "a-Q3_K.gguf"}, ""), "a-Q2_K.gguf");
  EXPECT_EQ(chosen({"README.md"}, ""), "");
}

TEST(ChooseFile, PassesOverWhatIsNoModel) {
  EXPECT_EQ(chosen({"mmproj-Q4_K_M.gguf", "mtp-Q4_K_M.gguf", "m.imatrix-Q4_K_M.gguf",
                    "m-Q4_K_M-00002-of-00002.gguf", "m-Q4_K_M-00001-of-00002.gguf"},
                   ""),
            "m-Q4_K_M-00001-of-00002.gguf");
}

TEST(IsSplit, LooksAtTheEndOfTheName) {
  EXPECT_TRUE(is_split("m-00001-of-00003.gguf"));
  EXPECT_FALSE(is_split("m-0001-of-00003.gguf"));
  EXPECT_FALSE(is_split("m.gguf"));
  EXPECT_FALSE(is_split(""));
}

TEST(ParseHubName, TakesARepositoryAndAQuantization) {
  EXPECT_EQ(parse_hub_name("some/toy-GGUF:Q4_K_M").repo, "some/toy-GGUF");
  EXPECT_EQ(parse_hub_name("some/toy-GGUF:Q4_K_M").quant, "Q4_K_M");
  EXPECT_EQ(parse_hub_name("some/toy").quant, "");
  for (const char* bad : {"", "toy", "a/", "/b", "a/b/c", "a/b:", "a/b:x y", "../b", "a/..",
                          "a b/c", "https://a.example/b", "a:b/c"})
    EXPECT_THROW(parse_hub_name(bad), Error) << bad;
}

class ResolveTest : public testing::Test {
 protected:
  ResolveTest() {
    ::unsetenv("CAIRN_MODEL");
    options_.folder = folder_;
    options_.hub_endpoint = server_.url();
    options_.http.first_pause = std::chrono::milliseconds(0);
    options_.http.tries = 2;
    entry_ = {"toy",
              "a toy",
              "MIT",
              "toy.gguf",
              11,
              testkit::sha256_of(model_),
              {HubFile{"some/toy", "toy.gguf"}}};
    fs::create_directories(folder_);
  }
  ~ResolveTest() override { fs::remove_all(folder_); }

  HttpReply answer(const HttpCall& call) const {
    if (call.path == "/api/models/some/toy/tree/main?recursive=true") return {.body = listing_};
    if (call.path.starts_with("/some/toy/resolve/main/")) return file_reply(call, model_);
    return {.status = 404};
  }

  static std::string listed(const std::string& name, const std::string& hash,
                            const std::string& type = "file") {
    return R"({"type": ")" + type + R"(", "path": ")" + name +
           R"(", "size": 11, "lfs": {"oid": ")" + hash + R"("}})";
  }

  ResolvedModel resolve(const ModelChoice& choice) const {
    return resolve_model(choice, options_, {entry_});
  }
  std::string error_of(const ModelChoice& choice, Fault fault) const {
    try {
      resolve(choice);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), fault);
      return error.what();
    }
    return "";
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("cairn-resolve-" + std::to_string(::getpid()));
  const std::string model_ = "hello model";
  std::string listing_ = "[" + listed("dir", "", "directory") + "," +
                         listed("toy-Q8_0.gguf", testkit::sha256_of("hello model")) + "," +
                         listed("toy-Q4_K_M.gguf", testkit::sha256_of("hello model")) + "," +
                         listed("big-Q6_K-00001-of-00002.gguf", std::string(64, '0')) + "]";
  RegistryEntry entry_;
  PullOptions options_;
  HttpServer server_{[this](const HttpCall& call) { return answer(call); }};
};

TEST_F(ResolveTest, AFileIsTakenAsItIs) {
  std::ofstream(folder_ / "mine.gguf") << "x";
  const ResolvedModel model = resolve({.model = folder_ / "mine.gguf"});
  EXPECT_EQ(model.path, folder_ / "mine.gguf");
  EXPECT_EQ(model.name, "mine");
  EXPECT_TRUE(server_.calls().empty());
}

TEST_F(ResolveTest, AMissingFileIsUnavailable) {
  EXPECT_THAT(error_of({.model = "nothere.gguf"}, Fault::model),
              HasSubstr("there is no file nothere.gguf"));
  EXPECT_THAT(error_of({.model = folder_.string()}, Fault::model), HasSubstr("it is a folder"));
}

TEST_F(ResolveTest, ANameIsPulledOnce) {
  EXPECT_EQ(resolve({.model = "toy"}).path, folder_ / "toy.gguf");
  EXPECT_EQ(resolve({.model = "toy"}).name, "toy");
  EXPECT_EQ(server_.calls().size(), 1u);
}

TEST_F(ResolveTest, AnUnknownNameIsRefusedWithTheNearest) {
  EXPECT_THAT(error_of({.model = "tpy"}, Fault::input), HasSubstr("The nearest is \"toy\""));
}

TEST_F(ResolveTest, TheEnvironmentNamesTheModelWhenNoFlagDoes) {
  ::setenv("CAIRN_MODEL", "toy", 1);
  EXPECT_EQ(resolve({}).name, "toy");
  std::ofstream(folder_ / "mine.gguf") << "x";
  EXPECT_EQ(resolve({.model = folder_ / "mine.gguf"}).name, "mine");
  ::unsetenv("CAIRN_MODEL");
}

TEST_F(ResolveTest, WithoutAnyNameItIsTheDefault) {
  EXPECT_THAT(error_of({}, Fault::input), HasSubstr(std::string(kDefaultModel)));
}

TEST_F(ResolveTest, TwoNamesExcludeEachOther) {
  EXPECT_THAT(error_of({.model = "toy", .hub = "some/toy"}, Fault::input),
              HasSubstr("exclude each other"));
}

// A command line reads the variable into -m before it comes here.
TEST_F(ResolveTest, AFlagForTheHubBeatsTheVariable) {
  ::setenv("CAIRN_MODEL", "toy", 1);
  EXPECT_EQ(resolve({.model = "toy", .hub = "some/toy"}).name, "some/toy");
  ::unsetenv("CAIRN_MODEL");
}

TEST_F(ResolveTest, AHubModelIsPulledWithItsHash) {
  const ResolvedModel model = resolve({.hub = "some/toy"});
  EXPECT_EQ(model.path, folder_ / "hf/some/toy/toy-Q4_K_M.gguf");
  EXPECT_EQ(resolve({.hub = "some/toy:Q8_0"}).path, folder_ / "hf/some/toy/toy-Q8_0.gguf");
}

TEST_F(ResolveTest, AHubModelThatIsHereNeedsNoHub) {
  resolve({.hub = "some/toy:q8_0"});
  const std::size_t before = server_.calls().size();
  resolve({.hub = "some/toy:Q8_0"});
  EXPECT_EQ(server_.calls().size(), before);
}

TEST_F(ResolveTest, TheTokenIsSentToTheHub) {
  ::setenv("HF_TOKEN", "secret", 1);
  resolve({.hub = "some/toy"});
  ::unsetenv("HF_TOKEN");
  for (const HttpCall& call : server_.calls())
    EXPECT_EQ(call.headers.at("authorization"), "Bearer secret");
}

TEST_F(ResolveTest, AHubModelOfAnotherHashIsRefused) {
  listing_ = "[" + listed("toy-Q8_0.gguf", std::string(64, 'a')) + "]";
  EXPECT_THAT(error_of({.hub = "some/toy"}, Fault::model),
              HasSubstr("instead of " + std::string(64, 'a')));
  EXPECT_FALSE(fs::exists(folder_ / "hf/some/toy/toy-Q8_0.gguf"));
}

TEST_F(ResolveTest, AQuantizationThatIsNotThereNamesThoseThatAre) {
  EXPECT_THAT(error_of({.hub = "some/toy:IQ1_S"}, Fault::model),
              HasSubstr("toy-Q8_0.gguf, toy-Q4_K_M.gguf"));
}

TEST_F(ResolveTest, ASplitModelIsRefused) {
  EXPECT_THAT(error_of({.hub = "some/toy:Q6_K"}, Fault::model),
              HasSubstr("one part of a split model"));
}

TEST_F(ResolveTest, AnUnknownRepositoryIsUnavailable) {
  EXPECT_THAT(error_of({.hub = "some/other"}, Fault::model), HasSubstr("HTTP 404"));
}

TEST_F(ResolveTest, AnUnreadableListIsUnavailable) {
  for (const char* body : {"", "{}", "<html>"}) {
    listing_ = body;
    EXPECT_THAT(error_of({.hub = "some/toy"}, Fault::model), HasSubstr("not readable"));
  }
  listing_ = R"([{"path": 3}, 7, {"path": "toy.gguf", "size": "x"}])";
  EXPECT_THAT(error_of({.hub = "some/toy"}, Fault::model), HasSubstr("no length and hash"));
}

}  // namespace
}  // namespace cairn::hub
