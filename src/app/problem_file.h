#pragma once
// app/problem_file.h — a file of problems in, a file of results out that survives a kill.

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "cairn/problem.h"

namespace cairn::app {

struct ProblemFile {
  std::vector<Problem> problems;        // in the file's order, each id once
  std::vector<std::string> complaints;  // a line each, with its number, for what was left out
  std::string task = {};                // whose rules decide what is right; empty: none
};

// Lines are read as app/data_set.h says; a database's path counts from the file's folder.
// Errors: Fault::input when the file cannot be read, or holds something else: labelled
// chains, facts, answers that no rule can check.
ProblemFile read_problems(const std::string& path);

// The ids in a file of results. A torn last line, left by a kill, is cut off the file.
// Errors: Fault::store when the file cannot be mended.
std::set<std::string> finished_ids(const std::string& path);

// Empties or makes the file.  Errors: Fault::store.
void start_results(const std::string& path);

// Appends whole lines, each by one write that has reached the file when it returns.
class ResultFile {
 public:
  explicit ResultFile(const std::string& path);  // empty: standard output
  ~ResultFile();
  ResultFile(const ResultFile&) = delete;
  ResultFile& operator=(const ResultFile&) = delete;
  void write(const std::string& line);  // Errors: Fault::store, e.g. when the disk is full

 private:
  const std::string path_;
  int file_ = -1;
};

}  // namespace cairn::app
