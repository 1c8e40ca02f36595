#include "cost_models/layer_collectives.h"

#include <algorithm>
#include <cstddef>

namespace galvatron {
namespace {

constexpr std::int64_t kLossBytes = 4;  // losses, logits' maxima and sums are reduced in fp32

// The sizes that all payloads of one layer are made of.
struct Group {
  const Layer& layer;
  std::int64_t tokens = 0;
  std::int64_t element_bytes = 0;
  bool sequence_parallel = false;
  SequenceGathers gathers{};

  Collective collective(CollectiveKind kind, std::int64_t width) const {
    return {.kind = kind, .payload = Bytes{tokens * width * element_bytes}};
  }

  // Of the tokens that the product multiplies.
  Collective collective(CollectiveKind kind, const Product& product, std::int64_t width) const {
    const std::int64_t multiplied = group_tokens_of(layer, tokens, product.tokens_per_sample);
    return {.kind = kind, .payload = Bytes{multiplied * width * element_bytes}};
  }

  // Of what the product takes, or of its output's gradient.
  Collective gather(const Product& product, std::int64_t width) const {
    Group travelling = *this;
    if (gathers.one_byte_each) travelling.element_bytes = 1;
    return travelling.collective(CollectiveKind::all_gather, product, width);
  }
};

// Forward of the products, in their order.
void add_forward(const Layer& layer, const Group& group, std::vector<Collective>& forward) {
  for (std::size_t i = 0; i < layer.products.size(); ++i) {
    const Product& product = layer.products[i];
    if (product.split == Product::Split::row) {
      const auto kind =
          group.sequence_parallel ? CollectiveKind::reduce_scatter : CollectiveKind::all_reduce;
      forward.push_back(group.collective(kind, product, product.outputs));
    } else if (takes_column_input(layer.products, i) && group.sequence_parallel) {
      forward.push_back(group.gather(product, product.inputs));
    }
  }
}

// Backward of the products, last to first. An input shared by several products is gathered and its
// gradient reduced once, where the first of them is reached.
void add_backward(const Layer& layer, const Group& group, std::vector<Collective>& backward) {
  for (std::size_t i = layer.products.size(); i-- > 0;) {
    const Product& product = layer.products[i];
    if (product.split == Product::Split::row) {
      if (group.sequence_parallel) {
        backward.push_back(group.gather(product, product.outputs));
      }
    } else if (takes_column_input(layer.products, i)) {
      const auto collective = [&](CollectiveKind kind) {
        return group.collective(kind, product, product.inputs);
      };
      if (group.sequence_parallel) {
        if (group.gathers.inputs_again) backward.push_back(group.gather(product, product.inputs));
        backward.push_back(collective(CollectiveKind::reduce_scatter));
      } else {
        backward.push_back(collective(CollectiveKind::all_reduce));
      }
    }
  }
}

// Each rank looks up the words of its part of the table; the sum over the group is the embedding.
void add_lookup(const Layer& layer, Group group, LayerCollectives& collectives) {
  group.tokens = group_tokens_of(layer, group.tokens, layer.looked_up);
  if (group.sequence_parallel) {
    collectives.forward.push_back(group.collective(CollectiveKind::reduce_scatter, layer.hidden));
    collectives.backward.push_back(group.collective(CollectiveKind::all_gather, layer.hidden));
  } else {
    collectives.forward.push_back(group.collective(CollectiveKind::all_reduce, layer.hidden));
  }
}

// Of a vocabulary split over the group, per token the largest logit; then, in one buffer, the sum
// of exponentials and the target's logit. Class tokens lie on some of the ranks under sequence
// parallelism: the sum of the ranks' losses.
void add_loss(const Layer& layer, const Group& group, std::vector<Collective>& forward) {
  if (layer.vocabulary > 0) {
    const Bytes per_number{group.tokens * kLossBytes};
    forward.push_back({.kind = CollectiveKind::all_reduce, .payload = per_number});
    forward.push_back({.kind = CollectiveKind::all_reduce, .payload = 2 * per_number});
  }
  const bool has_class_tokens =
      std::any_of(layer.products.begin(), layer.products.end(), [](const Product& product) {
        return product.split == Product::Split::replicated && product.tokens_per_sample > 0;
      });
  if (has_class_tokens && group.sequence_parallel) {
    forward.push_back({.kind = CollectiveKind::all_reduce, .payload = Bytes{kLossBytes}});
  }
}

}  // namespace

bool joins_previous_input(const std::vector<Product>& products, std::size_t index) {
  return products[index].split == Product::Split::column && products[index].shares_input &&
         index > 0 && products[index - 1].split == Product::Split::column;
}

bool takes_column_input(const std::vector<Product>& products, std::size_t index) {
  return products[index].split == Product::Split::column && !joins_previous_input(products, index);
}

LayerCollectives layer_collectives(const Layer& layer, const Layout& layout,
                                   std::int64_t group_tokens, Precision precision,
                                   const SequenceGathers& gathers) {
  LayerCollectives collectives;
  if (layout.tensor == 1) return collectives;
  const Group group{.layer = layer,
                    .tokens = group_tokens,
                    .element_bytes = element_bytes(precision),
                    .sequence_parallel = layout.sequence_parallel,
                    .gathers = gathers};
  const bool looks_up = layer.kind == LayerKind::embedding && layer.vocabulary > 0;
  if (looks_up || layer.looked_up > 0) add_lookup(layer, group, collectives);
  add_forward(layer, group, collectives.forward);
  add_backward(layer, group, collectives.backward);
  if (layer.kind == LayerKind::head) add_loss(layer, group, collectives.forward);
  return collectives;
}

}  // namespace galvatron
