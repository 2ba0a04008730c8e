// TLS: certificates are checked, and https is never left for http. The server is `openssl s_server`
// with a certificate made on the spot.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cairn/error.h"
#include "model/hub/http.h"
#include "testkit/http_server.h"

namespace cairn::hub {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const int kPort = 20000 + ::getpid() % 20000;  // another for each process

class HttpsTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(folder_);
    const std::string make = "cd " + folder_.string() +
                             " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
                             " -nodes -days 2 -subj /CN=localhost -addext"
                             " subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
                             " >/dev/null 2>&1";
    if (std::system(make.c_str()) != 0) GTEST_SKIP() << "there is no openssl command";
    options_.certificates = folder_ / "cert.pem";
    options_.tries = 2;
    options_.first_pause = std::chrono::milliseconds(20);
  }
  ~HttpsTest() override {
    if (server_ > 0) {
      ::kill(server_, SIGKILL);
      ::waitpid(server_, nullptr, 0);
    }
    fs::remove_all(folder_);
  }

  // Serves the files of the folder, which hold whole HTTP responses.
  void serve(const std::string& name, const std::string& response) {
    std::ofstream(folder_ / name) << response;
    const std::string port = std::to_string(kPort);
    const int nowhere = ::open("/dev/null", O_RDWR);
    server_ = ::fork();
    if (server_ == 0) {
      for (const int stream : {0, 1, 2}) ::dup2(nowhere, stream);
      if (::chdir(folder_.c_str()) == 0)
        ::execlp("openssl", "openssl", "s_server", "-accept", port.c_str(), "-cert", "cert.pem",
                 "-key", "key.pem", "-HTTP", nullptr);
      ::_exit(1);
    }
    ::close(nowhere);
  }
  static std::string url(const std::string& name) {
    return "https://localhost:" + std::to_string(kPort) + "/" + name;
  }

  // The text at `name`, or the error. Waits for the server to come up.
  std::string get(const std::string& name) const {
    std::string last;
    for (int i = 0; i < 100; ++i) {
      try {
        return http_get({url(name)}, options_).body;
      } catch (const Error& error) {
        last = error.what();
      }
      if (last.find("no connection") == std::string::npos) break;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return last;
  }

  const fs::path folder_ =
      fs::temp_directory_path() / ("cairn-https-" + std::to_string(::getpid()));
  HttpOptions options_;
  pid_t server_ = -1;
};

TEST_F(HttpsTest, ACertificateThatIsTrustedServes) {
  serve("page", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(get("page"), "hello");
}

TEST_F(HttpsTest, ACertificateThatIsNotTrustedIsRefused) {
  serve("page", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  ASSERT_EQ(get("page"), "hello");
  options_.certificates.clear();  // the system's do not know the one made here
  EXPECT_THAT(get("page"), HasSubstr("SSL_CERT_FILE"));
}

TEST_F(HttpsTest, ARedirectFromHttpsToHttpIsRefused) {
  testkit::HttpServer plain(
      [](const testkit::HttpCall&) { return testkit::HttpReply{.body = "in the clear"}; });
  serve("page",
        "HTTP/1.0 302 Found\r\nLocation: " + plain.url("/there") + "\r\nContent-Length: 0\r\n\r\n");
  EXPECT_THAT(get("page"), HasSubstr("https for http"));
  EXPECT_TRUE(plain.calls().empty());
}

}  // namespace
}  // namespace cairn::hub
