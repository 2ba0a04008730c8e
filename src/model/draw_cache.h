#pragma once
// model/draw_cache.h — what language models have drawn, kept so that nothing is drawn twice.
//
// A draw is a function of the model, the tokens before it, the sampling options, the seed and the
// position. So the draws that began at one place with one seed are one list, of which a request
// takes as many as it wants: limits, stops and segmenters do not matter. What judges read is kept
// by its request.
//
// With a file the draws outlive the program: JSON lines, appended; a longer list of the same place
// comes later and counts. A last line that a crash tore is dropped.
//
// Threads: every member may be called from any thread.

#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cairn/step.h"

namespace cairn {

struct Draws {
  std::vector<Token> tokens;       // [n]
  std::vector<float> logprobs;     // [n]; nats
  std::vector<float> certainties;  // [n]; nats
  std::vector<float> entropies;    // [n]; nats
  bool ended = false;              // the end-of-text token was drawn after them
  double end_logprob = 0;          // of it
};

class DrawCache {
 public:
  // Errors: Fault::store when the file cannot be written.
  explicit DrawCache(std::optional<std::filesystem::path> file = {});

  std::optional<Draws> draws(const std::string& key) const;
  std::optional<std::vector<float>> numbers(const std::string& key) const;

  // Kept when they go beyond what is kept already.
  void keep(const std::string& key, const Draws& draws);
  void keep(const std::string& key, const std::vector<float>& numbers);

 private:
  void append(const std::string& line);

  mutable std::mutex mutex_;
  std::unordered_map<std::string, Draws> draws_;
  std::unordered_map<std::string, std::vector<float>> numbers_;
  std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace cairn
