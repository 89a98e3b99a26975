"""Who is counted on a day: people, not records. Two records of one person count once, even before the worker has followed."""

# Whoever a passage is about, with the PC that they hold; to be put after FROM.
PEOPLE = """
distribution_passage passage JOIN rosters_student listed ON listed.id = passage.student_id
JOIN rosters_student student ON student.id = coalesce(listed.merged_into_id, listed.id)
LEFT JOIN fleet_device device ON device.custodian_id = student.custodian_id AND device.custodian_kind = 'student'
"""
# The same people where they are only counted: hardly anybody is merged, so a second record is looked up for those alone.
PEOPLE_COUNTED = """
distribution_passage passage JOIN rosters_student listed ON listed.id = passage.student_id
LEFT JOIN rosters_student stays ON stays.id = listed.merged_into_id
LEFT JOIN fleet_device device ON device.custodian_id = coalesce(stays.custodian_id, listed.custodian_id)
    AND device.custodian_kind = 'student'
"""
# Leaves out the record that is read through another one of the same day.
COUNTED_ONCE = """
NOT EXISTS (SELECT FROM distribution_passage kept
    WHERE kept.day_id = passage.day_id AND kept.student_id = listed.merged_into_id)
"""
# Under either label.
HAS_ARRIVED = """
(passage.arrived_at IS NOT NULL OR EXISTS (SELECT FROM distribution_passage other
    JOIN rosters_student alias ON alias.id = other.student_id
    WHERE other.day_id = passage.day_id AND alias.merged_into_id = student.id AND other.arrived_at IS NOT NULL))
"""
