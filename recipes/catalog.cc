// One line per method, sorted by name: the list that everything else is made from.
#include "cairn/recipe.h"

namespace cairn {

namespace recipes {
Recipe best_of_n_recipe();
Recipe cot_recipe();
Recipe self_consistency_recipe();
}  // namespace recipes

const std::vector<Recipe>& catalog() {
  static const std::vector<Recipe> all = {
      recipes::best_of_n_recipe(),
      recipes::cot_recipe(),
      recipes::self_consistency_recipe(),
  };
  return all;
}

}  // namespace cairn
