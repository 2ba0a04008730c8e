#include "model/hub/http.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "cairn/error.h"
#include "testkit/http_server.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testkit::file_reply;
using testkit::HttpCall;
using testkit::HttpReply;
using testkit::HttpServer;

std::string content(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

class HttpTest : public testing::Test {
 protected:
  HttpTest() {
    fs::create_directories(folder_);
    options_.first_pause = std::chrono::milliseconds(0);
    options_.tries = 3;
  }
  ~HttpTest() override { fs::remove_all(folder_); }

  fs::path part() const { return folder_ / "file.part"; }

  // What the file holds after fetching from `server`, or the error.
  std::string fetch(const HttpServer& server, std::optional<std::int64_t> bytes) {
    PartFile file(part());
    http_fetch({server.url("/file")}, options_, bytes, file);
    return read();
  }
  std::string error_of(const HttpServer& server, std::optional<std::int64_t> bytes) {
    try {
      fetch(server, bytes);
    } catch (const Error& error) {
      EXPECT_EQ(error.fault(), Fault::model);
      return error.what();
    }
    return "";
  }

  std::string read() const {
    std::ifstream file(part(), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void leave(const std::string& text) const { std::ofstream(part(), std::ios::binary) << text; }

  const fs::path folder_ = fs::temp_directory_path() / ("cairn-http-" + std::to_string(::getpid()));
  const std::string content_ = content(300000);
  const std::int64_t size_ = 300000;
  HttpOptions options_;
};

TEST_F(HttpTest, FetchesAWholeFile) {
  HttpServer server([&](const HttpCall& call) { return file_reply(call, content_); });
  EXPECT_EQ(fetch(server, size_), content_);
  EXPECT_FALSE(server.calls()[0].range_start);
}

TEST_F(HttpTest, GoesOnWhereAnEarlierFetchStopped) {
  leave(content_.substr(0, 1234));
  HttpServer server([&](const HttpCall& call) { return file_reply(call, content_); });
  EXPECT_EQ(fetch(server, size_), content_);
  EXPECT_EQ(server.calls()[0].range_start, 1234u);
}

TEST_F(HttpTest, HashesWhatWasThereAndWhatCame) {
  leave(content_.substr(0, 1234));
  HttpServer server([&](const HttpCall& call) { return file_reply(call, content_); });
  PartFile file(part());
  http_fetch({server.url("/file")}, options_, size_, file);
  Sha256 whole;
  whole.update(content_);
  EXPECT_EQ(file.sha256(), whole.hex());
}

TEST_F(HttpTest, ABrokenTransferIsTakenUpAsLongAsItBringsBytes) {
  // 50,000 bytes a time: six transfers, more than the three tries that may bring nothing.
  HttpServer server([&](const HttpCall& call) {
    HttpReply reply = file_reply(call, content_);
    reply.break_after = 50000;
    return reply;
  });
  EXPECT_EQ(fetch(server, size_), content_);
  const auto calls = server.calls();
  ASSERT_EQ(calls.size(), 6u);
  EXPECT_EQ(calls[1].range_start, 50000u);
  EXPECT_EQ(calls[5].range_start, 250000u);
}

TEST_F(HttpTest, ATransferThatNeverBringsMoreIsGivenUpAndKept) {
  HttpServer server([&](const HttpCall& call) {
    HttpReply reply = file_reply(call, content_);
    reply.break_after = call.range_start ? 0 : 1000;
    return reply;
  });
  EXPECT_THAT(error_of(server, size_), HasSubstr("broke off"));
  EXPECT_EQ(read(), content_.substr(0, 1000));
  EXPECT_EQ(server.calls().size(), 4u);  // one that brought bytes, three that did not
}

TEST_F(HttpTest, AServerThatCannotResumeSendsEverything) {
  leave(content_.substr(0, 5000));
  HttpServer server([&](const HttpCall&) { return HttpReply{.body = content_}; });
  EXPECT_EQ(fetch(server, size_), content_);
}

TEST_F(HttpTest, AnotherRangeThanAskedForIsNotTaken) {
  leave(content_.substr(0, 5000));
  HttpServer server([&](const HttpCall& call) {
    HttpReply reply = file_reply(call, content_);
    if (call.range_start) reply.headers = {"Content-Range: bytes 0-299999/300000"};
    return reply;
  });
  EXPECT_EQ(fetch(server, size_), content_);  // asked again, for the whole
  EXPECT_FALSE(server.calls().back().range_start);
}

TEST_F(HttpTest, APartialAnswerWithoutItsRangeIsNotTaken) {
  leave(content_.substr(0, 5000));
  HttpServer server([&](const HttpCall& call) {
    HttpReply reply = file_reply(call, content_);
    reply.headers.clear();
    return reply;
  });
  EXPECT_EQ(fetch(server, size_), content_);
}

TEST_F(HttpTest, AnotherLengthThanExpectedIsRefusedBeforeAByteIsTaken) {
  HttpServer server([&](const HttpCall&) { return HttpReply{.body = content_ + "x"}; });
  EXPECT_THAT(error_of(server, size_), HasSubstr("offers 300001 bytes but the file has 300000"));
  EXPECT_EQ(read(), "");
  EXPECT_EQ(server.calls().size(), 1u);
}

TEST_F(HttpTest, ADeclaredLengthThatIsTooLongIsNoticed) {
  HttpServer server([&](const HttpCall&) {
    return HttpReply{.body = content_.substr(0, 100), .declared_length = 300000};
  });
  EXPECT_THAT(error_of(server, size_), HasSubstr("broke off"));
}

TEST_F(HttpTest, ADeclaredLengthThatIsTooShortIsNoticed) {
  HttpServer server(
      [&](const HttpCall&) { return HttpReply{.body = content_, .declared_length = 100}; });
  EXPECT_THAT(error_of(server, size_), HasSubstr("offers 100 bytes"));
}

TEST_F(HttpTest, AnEndlessAnswerWithoutALengthIsCutOff) {
  HttpServer server([&](const HttpCall&) {
    return HttpReply{.body = content_ + content_, .state_length = false};
  });
  EXPECT_THAT(error_of(server, size_), HasSubstr("more than the file's 300000 bytes"));
  EXPECT_LE(fs::file_size(part()), 300000u);
}

TEST_F(HttpTest, AnAnswerWithoutALengthThatEndsEarlyIsTakenUp) {
  std::atomic<int> count = 0;
  HttpServer server([&](const HttpCall& call) {
    HttpReply reply = file_reply(call, content_);
    if (count++ == 0) reply = {.body = content_.substr(0, 700), .state_length = false};
    return reply;
  });
  EXPECT_EQ(fetch(server, size_), content_);
  EXPECT_EQ(server.calls()[1].range_start, 700u);
}

TEST_F(HttpTest, AnEmptyAnswerIsNoFile) {
  HttpServer server([&](const HttpCall&) { return HttpReply{.state_length = false}; });
  EXPECT_THAT(error_of(server, size_), HasSubstr("after 0 of 300000 bytes"));
}

TEST_F(HttpTest, AFileThatIsWholeIsNotAskedFor) {
  leave(content_);
  HttpServer server([&](const HttpCall& call) { return file_reply(call, content_); });
  EXPECT_EQ(fetch(server, size_), content_);
  EXPECT_TRUE(server.calls().empty());
}

TEST_F(HttpTest, AFileThatIsTooLongIsFetchedAfresh) {
  leave(content_ + "more");
  HttpServer server([&](const HttpCall& call) { return file_reply(call, content_); });
  EXPECT_EQ(fetch(server, size_), content_);
}

TEST_F(HttpTest, RedirectsAreFollowed) {
  HttpServer target([&](const HttpCall& call) { return file_reply(call, content_); });
  HttpServer server([&](const HttpCall&) { return testkit::redirect(target.url("/there")); });
  EXPECT_EQ(fetch(server, size_), content_);
  EXPECT_EQ(target.calls()[0].path, "/there");
}

TEST_F(HttpTest, RedirectsAfterAResumeKeepTheRange) {
  leave(content_.substr(0, 4096));
  HttpServer target([&](const HttpCall& call) { return file_reply(call, content_); });
  HttpServer server([&](const HttpCall&) { return testkit::redirect(target.url("/there")); });
  EXPECT_EQ(fetch(server, size_), content_);
  EXPECT_EQ(target.calls()[0].range_start, 4096u);
}

TEST_F(HttpTest, RedirectsInACircleEnd) {
  options_.max_redirects = 4;
  HttpServer server([&](const HttpCall&) { return testkit::redirect("/file"); });
  EXPECT_THAT(error_of(server, size_), HasSubstr("more than 4 redirects"));
  EXPECT_EQ(server.calls().size(), 5u);
}

TEST_F(HttpTest, RedirectsToOtherProtocolsAreRefused) {
  HttpServer server([&](const HttpCall&) { return testkit::redirect("file:///etc/passwd"); });
  EXPECT_THAT(error_of(server, size_), HasSubstr("a redirect leaves http and https"));
}

TEST_F(HttpTest, ATokenIsNotSentToAnotherHost) {
  HttpServer target([&](const HttpCall& call) { return file_reply(call, content_); });
  HttpServer server([&](const HttpCall&) {
    std::string other = target.url("/there");
    return testkit::redirect(other.replace(other.find("127.0.0.1"), 9, "localhost"));
  });
  PartFile file(part());
  http_fetch({server.url("/file"), {"Authorization: Bearer secret"}}, options_, size_, file);
  EXPECT_EQ(server.calls()[0].headers.at("authorization"), "Bearer secret");
  EXPECT_EQ(target.calls()[0].headers.count("authorization"), 0u);
}

TEST_F(HttpTest, AMissingFileIsAnErrorAtOnce) {
  HttpServer server(
      [&](const HttpCall&) { return HttpReply{.status = 404, .body = "no such file"}; });
  EXPECT_THAT(error_of(server, size_), HasSubstr("HTTP 404"));
  EXPECT_EQ(server.calls().size(), 1u);
  EXPECT_EQ(read(), "");  // the page that says so is not the file
}

TEST_F(HttpTest, ARefusalNamesTheToken) {
  HttpServer server([&](const HttpCall&) { return HttpReply{.status = 401}; });
  EXPECT_THAT(error_of(server, size_), HasSubstr("HF_TOKEN"));
}

TEST_F(HttpTest, AServerInTroubleIsAskedAgain) {
  std::atomic<int> count = 0;
  HttpServer server([&](const HttpCall& call) {
    return count++ < 2 ? HttpReply{.status = 503, .body = "busy"} : file_reply(call, content_);
  });
  EXPECT_EQ(fetch(server, size_), content_);
}

TEST_F(HttpTest, NoServerIsAClearError) {
  std::string url;
  {
    HttpServer gone([&](const HttpCall&) { return HttpReply{}; });
    url = gone.url("/file");
  }
  PartFile file(part());
  try {
    http_fetch({url}, options_, size_, file);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("127.0.0.1: no connection"));
  }
}

TEST_F(HttpTest, AskedToStopItStopsAndKeepsWhatItHas) {
  std::atomic<bool> stop = false;
  options_.stop = [&] { return stop.load(); };
  HttpServer server([&](const HttpCall& call) {
    HttpReply reply = file_reply(call, content_);
    reply.break_after = 1000;
    if (call.range_start) stop = true;
    return reply;
  });
  PartFile file(part());
  try {
    http_fetch({server.url("/file")}, options_, size_, file);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.fault(), Fault::cancelled);
  }
  EXPECT_GE(fs::file_size(part()), 1000u);
}

TEST_F(HttpTest, ReportsTheBytesInTheFile) {
  leave(content_.substr(0, 100000));
  HttpServer server([&](const HttpCall& call) { return file_reply(call, content_); });
  PartFile file(part());
  std::int64_t last = 100000;
  http_fetch({server.url("/file")}, options_, size_, file, [&](std::int64_t done) {
    EXPECT_GT(done, last);
    last = done;
  });
  EXPECT_EQ(last, size_);
}

TEST_F(HttpTest, TextsComeWithTheirAddressAndType) {
  HttpServer server([&](const HttpCall& call) {
    if (call.path == "/a") return testkit::redirect("/b");
    return HttpReply{.headers = {"Content-Type: Text/HTML; charset=utf-8"}, .body = "hello"};
  });
  const HttpText text = http_get({server.url("/a")}, options_);
  EXPECT_EQ(text.body, "hello");
  EXPECT_EQ(text.content_type, "text/html");
  EXPECT_EQ(text.url, server.url("/b"));
}

TEST_F(HttpTest, TextsAreLimited) {
  HttpServer server([&](const HttpCall&) { return HttpReply{.body = content_}; });
  EXPECT_THROW(http_get({server.url("/a")}, options_, 1000), Error);
}

TEST(ResolveUrl, TakesLinksAsABrowserDoes) {
  EXPECT_EQ(resolve_url("https://a.example/simple/x/", "../../files/x.whl"),
            "https://a.example/files/x.whl");
  EXPECT_EQ(resolve_url("https://a.example/simple/x/", "https://b.example/x.whl"),
            "https://b.example/x.whl");
  EXPECT_EQ(resolve_url("https://a.example/simple/x/", "/x.whl"), "https://a.example/x.whl");
  EXPECT_EQ(host_of("https://user:pw@a.example:8080/x"), "a.example");
}

}  // namespace
}  // namespace cairn::hub
