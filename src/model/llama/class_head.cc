#include "model/llama/class_head.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <numeric>

#include "cairn/error.h"
#include "gguf.h"

namespace cairn::llama {

std::vector<float> ClassHead::logits(std::span<const float> state) const {
  std::vector<float> logits;
  for (auto row = weights.begin(); row != weights.end();
       row += static_cast<std::ptrdiff_t>(state.size()))
    logits.push_back(std::inner_product(state.begin(), state.end(), row, 0.0f));
  return logits;
}

std::optional<ClassHead> read_class_head(const llama_model* model, const std::string& path) {
  ClassHead head;
  while (const char* name = llama_model_cls_label(model, head.classes.size()))
    head.classes.push_back(name);
  if (head.classes.empty()) return {};
  const std::unique_ptr<gguf_context, void (*)(gguf_context*)> file(
      gguf_init_from_file(path.c_str(), {.no_alloc = true, .ctx = nullptr}), gguf_free);
  const std::int64_t id = file ? gguf_find_tensor(file.get(), "cls.output.weight") : -1;
  if (id < 0) return {};
  const ggml_type type = gguf_get_tensor_type(file.get(), id);
  const std::int64_t count =
      std::int64_t{llama_model_n_embd(model)} * static_cast<std::int64_t>(head.classes.size());
  std::vector<char> bytes(gguf_get_tensor_size(file.get(), id));
  std::ifstream stream(path, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(gguf_get_data_offset(file.get()) +
                                           gguf_get_tensor_offset(file.get(), id)));
  stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  const ggml_to_float_t to_float = ggml_get_type_traits(type)->to_float;
  const bool whole = bytes.size() == count / ggml_blck_size(type) * ggml_type_size(type);
  if (!stream || !whole || (to_float == nullptr && type != GGML_TYPE_F32))
    throw Error(Fault::model, path, "its classification head cannot be read",
                "Pull or convert the file again");
  head.weights.resize(count);
  if (type == GGML_TYPE_F32)
    std::copy_n(reinterpret_cast<const float*>(bytes.data()), count, head.weights.begin());
  else
    to_float(bytes.data(), head.weights.data(), count);
  return head;
}

}  // namespace cairn::llama
