#pragma once
// app/data_set.h — public data sets: where the fields of a line do not say how it is asked and how
// its answer is compared, the name of the set does.
//
// A file belongs to the set that its folder is named after: strategyqa/train.jsonl. What a line
// says itself (kind, extract, choices) stays. docs/evaluation.md lists the sets.

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cairn/problem.h"

namespace cairn::app {

struct SetInfo;

// What a knowledge base says of each subject: [relation, object].
using Facts = std::map<std::string, std::vector<std::pair<std::string, std::string>>>;

class DataSet {
 public:
  // Errors: Fault::input for a set whose answers no rule can check.
  explicit DataSet(std::string path);

  // The task whose rules decide what is right; empty: none.
  std::string task() const;

  // Are lines with labelled steps questions too?
  bool asks_about_chains() const;

  // The problems that a line asks. Errors: Fault::input, at `where` for a line that is not as the
  // schema or its set says, at the file's path for one whose like cannot be asked.
  std::vector<Problem> read(const std::string& where, const nlohmann::json& line);

 private:
  std::vector<Problem> asked(const std::string& where, const nlohmann::json& line);

  const std::string path_;
  const SetInfo* const set_;            // null: none that is known
  std::map<std::string, Facts> bases_;  // by the name of their file, beside this one
};

// The sets that can be asked.
std::vector<std::string> data_set_names();

}  // namespace cairn::app
