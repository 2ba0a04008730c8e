#pragma once
// app/model_options.h — the flags that choose a model and how it is run; llama.cpp's names where it
// has one.

#include <CLI/CLI.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "cairn/language_model.h"

namespace cairn::app {

struct ModelFlags {
  std::string model;  // -m: a file, a name, or scripted:FILE
  std::string hub;    // -hf
  int context_tokens = 2048;
  int rows = 32;
  std::optional<int> threads, threads_batch, ubatch;
  int gpu_layers = 0;
  std::string kv = "auto";
  std::string reproducible = "auto";
  std::string flash_attention = "on";
  std::string keys = "f16", values = "f16";
  bool repack = true, mmap = false;
};

void add_model_flags(CLI::App& command, ModelFlags& flags);

// The same flags for another model.
ModelFlags beside(ModelFlags flags, const std::string& model);

// Of so many questions, how many are in flight at once.
int questions_in_flight(std::size_t questions, const ModelFlags& flags);

// For so many questions in flight. Pulls the model first when it is named and not there.
// Errors: Fault::input, Fault::model.
std::unique_ptr<LanguageModel> open_model(const ModelFlags& flags, int questions = 1);

}  // namespace cairn::app
