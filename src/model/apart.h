#pragma once
// model/apart.h — a language model as if it had been opened for this user alone, where others use
// it too: nothing that they had it evaluate is found evaluated.

#include "model/decorator.h"

namespace cairn {

class ApartModel : public ModelDecorator {
 public:
  explicit ApartModel(LanguageModel& inner) : ModelDecorator(inner), root_(inner.apart()) {}

  BranchPtr branch(const BranchPtr& from, std::span<const Token> tokens) override {
    return inner_.branch(from ? from : root_, tokens);
  }
  BranchPtr rollback(const BranchPtr& from, std::size_t size) override {
    return size == 0 ? root_ : inner_.rollback(from, size);
  }

 private:
  const BranchPtr root_;
};

}  // namespace cairn
