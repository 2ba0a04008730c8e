#pragma once
// model/hub/interrupt.h — SIGINT and SIGTERM noted instead of killing, while an Interrupt lives, so
// that work in files can end in good order. One at a time; the handlers before it are put back.

#include <csignal>

namespace cairn::hub {

class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;

  static int signal();  // 0, or the number of the last one seen since the last Interrupt was made

 private:
  struct sigaction old_int_, old_term_;
};

}  // namespace cairn::hub
