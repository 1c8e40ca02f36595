#include "planner/model/families/language_head.h"

#include <utility>

#include "planner/model/families/tables.h"

namespace galvatron {

Layer with_language_head_tables(Layer head, NormKind norm) {
  using Kept = SavedTensor::Kept;
  const std::int64_t h = head.hidden;
  const double width = static_cast<double>(h);
  head.products = {{Product::Split::column, "logits", h, head.vocabulary}};
  head.saved = {
      {sequence_tensor("input", h), Kept::always},
      {stored_as(Element::fp32, sequence_tensor("norm statistics", norm_statistics(norm))),
       Kept::under_selective},
      {sequence_tensor("norm output", h), Kept::under_none},
      {stored_as(Element::fp32, tensor_tensor("probabilities", head.vocabulary)),
       Kept::under_selective},
      {stored_as(Element::int64, whole_tensor("targets", 1)), Kept::under_selective},
  };
  head.streams = {{"norm", kNormForward * width, kNormBackward * width, Spread::sequence, true,
                   StreamWork::norm}};
  head.forward_moments = {{"sums",
                           {gathered_tensor("whole norm output", h),
                            stored_as(Element::byte, whole_tensor("sums", 25))}}};
  head.backward_moments = {
      {"logits", {sequence_tensor("input gradient", h), gathered_tensor("whole gradient", h)}},
      {"norm",
       {sequence_tensor("output gradient", h), sequence_tensor("input gradient", h),
        stored_as(Element::fp32, tensor_tensor("probabilities", -head.vocabulary))}}};
  head.forward_launches = 12;
  head.backward_launches = 8;
  return head;
}

}  // namespace galvatron
