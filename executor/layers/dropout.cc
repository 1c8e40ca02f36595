#include "executor/layers/dropout.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/masked_fill.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/repeat_interleave.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "executor/kernels/drop_elements.h"
#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class DropoutFunction : public torch::autograd::Function<DropoutFunction> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& rows, DropoutSite site) {
    drop(site, rows);
    context->mark_dirty({rows});
    hold(context, site);
    return rows;
  }

  // The incoming gradient may be the residual's too, so it is copied.
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    const at::Tensor gradient = gradients.at(0).clone(at::MemoryFormat::Contiguous);
    drop(take_held<DropoutSite>(context), gradient);
    return {gradient, {}};
  }
};

struct PathState {
  at::Tensor factors;  // [samples, 1]: 0, or what makes up for the dropped ones
  std::int64_t tokens_per_sample = 0;
  TokenRange held;

  at::Tensor of_rows() const {
    return factors.repeat_interleave(tokens_per_sample, 0).narrow(0, held.begin, length(held));
  }
};

class DropPath : public torch::autograd::Function<DropPath> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& rows, PathState state) {
    rows.mul_(state.of_rows());
    context->mark_dirty({rows});
    hold(context, std::move(state));
    return rows;
  }

  // The incoming gradient may be the residual's too.
  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    return {gradients.at(0).clone().mul_(take_held<PathState>(context).of_rows()), {}};
  }
};

// Where in the stream a tensor's rows begin.
struct StreamPlaces {
  std::int64_t first = 0;
  std::int64_t stride = 0;
};

ElementDraw draw_of(const DropoutStream& what, const StreamPlaces& places) {
  return {.seed = what.stream.seed,
          .name = what.stream.name,
          .threshold = kept_threshold(what.dropped),
          .scale = static_cast<float>(1 / (1 - what.dropped)),
          .first = places.first,
          .stride = places.stride};
}

}  // namespace

// In pieces whose mask stands on the stack: it never has the tensor's size.
void drop(const DropoutStream& what, std::int64_t first, const at::Tensor& values) {
  if (values.is_cuda()) {
    drop_elements(draw_of(what, {.first = first}), values.view({1, -1}));
    return;
  }
  constexpr std::int64_t kPiece = 4096;
  const at::Tensor elements = values.view({-1});
  std::array<bool, kPiece> mask;
  for (std::int64_t begin = 0; begin < elements.numel(); begin += kPiece) {
    const std::int64_t count = std::min(kPiece, elements.numel() - begin);
    const std::array<ElementRange, 1> range{{{first + begin, first + begin + count}}};
    fill_kept(what.stream, what.dropped, range, {mask.data(), static_cast<std::size_t>(count)});
    const at::Tensor dropped = at::from_blob(mask.data(), {count}, at::kBool).logical_not_();
    elements.narrow(0, begin, count).masked_fill_(dropped, 0);
  }
  elements.mul_(1 / (1 - what.dropped));
}

// All rows at once where they lie one after another in the global batch, too.
void drop(const DropoutSite& site, const at::Tensor& rows) {
  if (site.stream.dropped == 0) return;
  const std::int64_t columns = site.columns > 0 ? site.columns : rows.size(1);
  if (columns == rows.size(1)) return drop(site.stream, site.first_row * columns, rows);
  if (rows.is_cuda()) {
    const StreamPlaces places{.first = site.first_row * columns + site.first_column,
                              .stride = columns};
    drop_elements(draw_of(site.stream, places), rows);
    return;
  }
  for (std::int64_t row = 0; row < rows.size(0); ++row) {
    drop(site.stream, (site.first_row + row) * columns + site.first_column, rows.select(0, row));
  }
}

DropoutSite dropout_site(const BlockContext& context, std::string_view name, double dropped) {
  return dropout_site(context, name, dropped, context.sequence_length);
}

DropoutSite dropout_site(const BlockContext& context, std::string_view name, double dropped,
                         std::int64_t tokens_per_sample) {
  const DropoutKey& key = context.dropout;
  const std::string stream = fmt::format("dropout/{}/{}", key.layer, name);
  return {.stream = {.stream = random_stream(key.seed, stream, key.step), .dropped = dropped},
          .first_row = context.first_sample * tokens_per_sample + local_rows(context).begin};
}

DropoutSite probability_site(const BlockContext& context, const HeldProbabilities& held,
                             double dropped) {
  const std::int64_t columns = held.heads * held.queries * held.keys;
  DropoutSite site = dropout_site(context, "probabilities", dropped);
  site.first_row = context.first_sample * held.sequences_per_sample;
  site.first_column = context.tensor_group.rank() * columns;
  site.columns = context.tensor_group.size() * columns;
  return site;
}

at::Tensor dropout(const DropoutSite& site, const at::Tensor& rows) {
  return site.stream.dropped > 0 ? DropoutFunction::apply(rows, site) : rows;
}

Operand dropout(const DropoutSite& site, Operand rows) {
  if (site.stream.dropped == 0) return rows;
  rows.value = dropout(site, rows.value);
  if (!rows.again) return rows;
  rows.again = [site, again = std::move(rows.again)] {
    const at::Tensor value = again();
    drop(site, value);
    return value;
  };
  return rows;
}

at::Tensor drop_path(const BlockContext& context, double dropped, const at::Tensor& rows) {
  if (dropped == 0) return rows;
  DropoutSite site = dropout_site(context, "path", dropped);
  site.first_row = context.first_sample;
  const at::Tensor factors = at::ones({context.samples, 1}, rows.options().dtype(at::kFloat));
  drop(site, factors);
  return DropPath::apply(rows, PathState{.factors = factors,
                                         .tokens_per_sample = context.sequence_length,
                                         .held = local_rows(context)});
}

}  // namespace galvatron
