#include "model/hub/interrupt.h"

namespace cairn::hub {
namespace {

volatile std::sig_atomic_t seen = 0;

extern "C" void note_signal(int number) {
  seen = number;
}

}  // namespace

Interrupt::Interrupt() {
  seen = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &old_int_);
  sigaction(SIGTERM, &action, &old_term_);
}

Interrupt::~Interrupt() {
  sigaction(SIGINT, &old_int_, nullptr);
  sigaction(SIGTERM, &old_term_, nullptr);
}

int Interrupt::signal() {
  return seen;
}

}  // namespace cairn::hub
