#pragma once
// testkit/environment.h — a variable of the environment for as long as a test needs it.

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

namespace cairn::testkit {

// Sets it, and puts back what was there.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    if (const char* old = std::getenv(name_.c_str())) old_ = old;
    ::setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Variable() { old_ ? ::setenv(name_.c_str(), old_->c_str(), 1) : ::unsetenv(name_.c_str()); }
  Variable(const Variable&) = delete;

 private:
  const std::string name_;
  std::optional<std::string> old_;
};

}  // namespace cairn::testkit
