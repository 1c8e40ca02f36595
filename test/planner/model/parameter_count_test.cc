// The parameters of published checkpoints, as transformers counts them.
#include <fmt/format.h>

#include "planner/model/hf_config.h"
#include "planner/model/layer_graph.h"
#include "test/catch.h"

namespace galvatron {
namespace {

std::int64_t count(const std::string& json) {
  const ModelReading reading = read_hf_config(parse_json(make_source("config.json", json)));
  CHECK(reading.warnings.empty());
  return parameter_count(build_layer_graph(reading.model));
}

std::int64_t gpt2(int hidden, int layers, int heads) {
  return count(fmt::format(R"({{"model_type": "gpt2", "vocab_size": 50257, "n_positions": 1024,
      "n_embd": {}, "n_layer": {}, "n_head": {}}})",
                           hidden, layers, heads));
}

struct LlamaSizes {
  int vocabulary, hidden, mlp_width, layers, heads, key_value_heads;
};

std::int64_t llama(const LlamaSizes& sizes) {
  return count(fmt::format(R"({{"model_type": "llama", "vocab_size": {}, "hidden_size": {},
      "intermediate_size": {}, "num_hidden_layers": {}, "num_attention_heads": {},
      "num_key_value_heads": {}}})",
                           sizes.vocabulary, sizes.hidden, sizes.mlp_width, sizes.layers,
                           sizes.heads, sizes.key_value_heads));
}

TEST_CASE("GPT-2 has the published numbers of parameters") {
  CHECK(gpt2(768, 12, 12) == 124439808);
  CHECK(gpt2(1024, 24, 16) == 354823168);
  CHECK(gpt2(1280, 36, 20) == 774030080);
  CHECK(gpt2(1600, 48, 25) == 1557611200);
}

TEST_CASE("Llama-2 has the published numbers of parameters") {
  CHECK(llama({32000, 4096, 11008, 32, 32, 32}) == 6738415616);
  CHECK(llama({32000, 5120, 13824, 40, 40, 40}) == 13015864320);
  CHECK(llama({32000, 8192, 28672, 80, 64, 8}) == 68976648192);
}

TEST_CASE("Llama-3 has the published numbers of parameters") {
  CHECK(llama({128256, 4096, 14336, 32, 32, 8}) == 8030261248);
  CHECK(llama({128256, 8192, 28672, 80, 64, 8}) == 70553706496);
  CHECK(llama({128256, 16384, 53248, 126, 128, 8}) == 405853388800);
}

std::int64_t bert(int hidden, int layers, int heads, const char* architecture) {
  return count(fmt::format(R"({{"model_type": "bert", "vocab_size": 30522, "hidden_size": {},
      "num_hidden_layers": {}, "num_attention_heads": {}, "intermediate_size": {},
      "architectures": ["{}"]}})",
                           hidden, layers, heads, 4 * hidden, architecture));
}

std::int64_t vit(int hidden, int layers, int heads, int patch) {
  std::string classes;
  for (int label = 0; label < 1000; ++label) {
    classes += fmt::format(R"({}"{}": "class {}")", label == 0 ? "" : ", ", label, label);
  }
  return count(fmt::format(R"({{"model_type": "vit", "image_size": 224, "patch_size": {},
      "hidden_size": {}, "num_hidden_layers": {}, "num_attention_heads": {},
      "intermediate_size": {}, "id2label": {{{}}}}})",
                           patch, hidden, layers, heads, 4 * hidden, classes));
}

TEST_CASE("BERT has the published numbers of parameters, with either head") {
  CHECK(bert(768, 12, 12, "BertForMaskedLM") == 109514298);
  CHECK(bert(1024, 24, 16, "BertForMaskedLM") == 335174458);
  CHECK(bert(768, 12, 12, "BertForPreTraining") == 110106428);
  CHECK(bert(1024, 24, 16, "BertForPreTraining") == 336226108);
}

TEST_CASE("ViT has the published numbers of parameters") {
  CHECK(vit(768, 12, 12, 16) == 86567656);
  CHECK(vit(1024, 24, 16, 16) == 304326632);
}

TEST_CASE("an untied head of GPT-2 is one more table, a tied one of Llama one less") {
  const std::int64_t table = 256 * 64;
  const std::string gpt = R"({"model_type": "gpt2", "vocab_size": 256, "n_embd": 64,
      "n_layer": 2, "n_head": 4)";
  CHECK(count(gpt + R"(, "tie_word_embeddings": false})") == count(gpt + "}") + table);
  const std::string llama_sizes = R"({"model_type": "llama", "vocab_size": 256, "hidden_size": 64,
      "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 4)";
  CHECK(count(llama_sizes + R"(, "tie_word_embeddings": true})") ==
        count(llama_sizes + "}") - table);
}

TEST_CASE("head_dim need not be hidden / heads") {
  // Per layer: q 64 x 128, k and v 64 x 64, o 128 x 64, mlp 3 x 64 x 96, norms 2 x 64.
  const std::int64_t block = 64 * 128 + 2 * 64 * 64 + 128 * 64 + 3 * 64 * 96 + 2 * 64;
  CHECK(count(R"({"model_type": "llama", "vocab_size": 256, "hidden_size": 64, "head_dim": 32,
      "intermediate_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4,
      "num_key_value_heads": 2})") == 3 * block + 2 * 256 * 64 + 64);
}

}  // namespace
}  // namespace galvatron
