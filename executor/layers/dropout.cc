#include "executor/layers/dropout.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/logical_not.h>
#include <ATen/ops/masked_fill.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "executor/layers/held_state.h"

namespace galvatron {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// In pieces whose mask stands on the stack: it never has the tensor's size.
void drop(const DropoutSite& site, const at::Tensor& rows) {
  constexpr std::int64_t kPiece = 4096;
  const at::Tensor elements = rows.view({-1});
  std::array<bool, kPiece> mask;
  const std::int64_t first = site.first_row * rows.size(1);
  for (std::int64_t begin = 0; begin < elements.numel(); begin += kPiece) {
    const std::int64_t count = std::min(kPiece, elements.numel() - begin);
    const std::array<ElementRange, 1> range{{{first + begin, first + begin + count}}};
    fill_kept(site.stream, site.dropped, range, {mask.data(), static_cast<std::size_t>(count)});
    const at::Tensor dropped = at::from_blob(mask.data(), {count}, at::kBool).logical_not_();
    elements.narrow(0, begin, count).masked_fill_(dropped, 0);
  }
  elements.mul_(1 / (1 - site.dropped));
}

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

}  // namespace

DropoutSite dropout_site(const BlockContext& context, std::string_view name, double dropped) {
  const DropoutKey& key = context.dropout;
  return {
      .stream = random_stream(key.seed, fmt::format("dropout/{}/{}", key.layer, name), key.step),
      .dropped = dropped,
      .first_row = context.first_sample * context.sequence_length + local_rows(context).begin};
}

at::Tensor dropout(const DropoutSite& site, const at::Tensor& rows) {
  return site.dropped > 0 ? DropoutFunction::apply(rows, site) : rows;
}

}  // namespace galvatron
