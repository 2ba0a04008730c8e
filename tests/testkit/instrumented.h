#pragma once
// testkit/instrumented.h — instrumented builds look for faults of memory and threads, and are ten
// times as slow: there, loops over all values take a sample of them.

namespace cairn::testkit {

// `sample` in an instrumented build, 1 in others.
constexpr int one_in(int sample) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return sample;
#else
  return 1 + 0 * sample;
#endif
}

}  // namespace cairn::testkit
