#include "cost_models/model_flops.h"

namespace galvatron {
namespace {

double product(std::int64_t a, std::int64_t b, std::int64_t c) {
  return static_cast<double>(a) * static_cast<double>(b) * static_cast<double>(c);
}

}  // namespace

Flops forward_flops(const Layer& layer, std::int64_t samples) {
  Flops sum;
  for (const Product& one : layer.products) {
    sum.value += 2 * product(tokens_or_all(layer, one.tokens_per_sample), one.inputs, one.outputs);
  }
  for (const Attention& one : layer.attentions) {
    const double pairs =
        product(one.windows, tokens_or_all(layer, one.queries), tokens_or_all(layer, one.keys));
    const double elements = product(one.heads, one.head_size, 1);
    sum.value += 4 * pairs * elements * (one.causal ? 0.5 : 1);
  }
  return static_cast<double>(samples) * sum;
}

}  // namespace galvatron
