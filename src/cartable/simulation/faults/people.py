"""Who is in the hall: students in two queues, staff who scan what they see, and what people do wrong.

The staff believe their screen: an answer that stops is kept as a stop, and the student comes again or goes. The pouch in
a student's hand is the proof at workshop B of a station that hears nobody.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from cartable.kernel.codes import STUDENT_LETTER, label_code
from cartable.simulation.faults.agenda import Act, Agenda
from cartable.simulation.faults.plans import Plan
from cartable.simulation.faults.posts import Post
from cartable.simulation.faults.station import Row

STRANGER = label_code(STUDENT_LETTER, 99_999_999)
_MOST_TRIES = 4


@dataclass
class Student:
    """A student who walks through; the PC is the one in the bag, whatever was scanned."""

    code: str
    has_pouch: bool = False
    device: str = ""
    tries: int = 0


@dataclass
class Hall:
    """The hall of one day: queues, a table of PCs, and the people at the stations."""

    agenda: Agenda
    dice: Random
    posts: Sequence[Post]
    plan: Plan
    table: list[str]
    met: Counter[str]
    students: list[Student] = field(default_factory=list)
    swapped: list[tuple[Student, Student]] = field(default_factory=list)
    _last_served: Student | None = None

    def let_in(self, codes: Sequence[str]) -> None:
        """Let students come, one after the other; one in twenty stays away."""
        for place, code in enumerate(codes):
            if self.dice.random() > 0.05:
                student = Student(code)
                self.students.append(student)
                self.agenda.at(place * self.plan.gap_s, lambda who=student: self._at_a(who))  # type: ignore[misc]

    def _post(self, workshop: str) -> Post | None:
        ready = [
            post for post in self.posts
            if post.workshop == workshop and post.is_running and not post.station.stopped and post.station.students
        ]  # fmt: skip
        return self.dice.choice(ready) if ready else None

    def _come_again(self, student: Student, seconds: float) -> None:
        student.tries += 1
        if student.tries < _MOST_TRIES:
            self.agenda.after(seconds, lambda: (self._at_b if student.has_pouch else self._at_a)(student))

    def _at_a(self, student: Student) -> None:
        post = self._post("A")
        if post is None:
            self._come_again(student, 300)
            return
        row = post.station.students[student.code]
        if row["a"] == "already_arrived":
            student.has_pouch = True
        elif row["a"] != "ok":
            post.scan("refused", student_code=student.code, code=row["a"])
            return
        elif self._hand_charter_in(post, student, row):
            student.has_pouch = True
        else:
            self._come_again(student, 60)
            return
        self.agenda.after(self.dice.uniform(30, 300), lambda: self._at_b(student))

    def _hand_charter_in(self, post: Post, student: Student, row: Row) -> bool:
        """Scan the label; False where no verdict was shown, or the charter was not there after all."""
        if not post.scan("arrival", student_code=student.code):
            return False
        row["a"], row["b"] = "already_arrived", "ok"
        if self.dice.random() < 0.02:
            post.scan(self.dice.choice(("no_charter", "undo")), student_code=student.code)
            row["a"], row["b"] = "ok", "charter_missing"
            return False
        return True

    def _at_b(self, student: Student) -> None:
        post = self._post("B")
        if post is None:
            self._come_again(student, 300)
            return
        if student.device:
            return
        self._distract(post)
        row = post.station.students[student.code]
        if row["b"] != "ok" and not (row["b"] == "charter_missing" and post.is_offline):
            post.scan("refused", student_code=student.code, code=row["b"])
            self._come_again(student, 120)
            return
        tag = self._good_pc(post, student)
        if tag:
            self._give(post, student, row, tag)

    def _distract(self, post: Post) -> None:
        """Let other things happen at a station: the leader is called, another operator serves, a stranger's label is read."""
        if self.dice.random() < 0.02:
            post.scan("call")
        if self.dice.random() < 0.02:
            post.scan("operator", code=f"operator_{self.dice.randint(1, 9):02d}")
        if self.dice.random() < 0.01:
            post.scan("pair", student_code=STRANGER, device_code=self.dice.choice(sorted(post.station.devices)))
        if self.dice.random() < 0.01:
            post.scan("refused", code="misread", raw="E00\u00e9#")

    def _good_pc(self, post: Post, student: Student) -> str:
        """Take PCs from the table until the screen takes one; those that it stops go aside."""
        while self.table and post.is_running:
            tag = self.table.pop(self.dice.randrange(len(self.table)))
            answer = post.station.devices[tag]["v"] if tag in post.station.devices else "device_unknown"
            if answer != "ok":
                post.scan("refused", student_code=student.code, device_code=tag, code=answer)
            elif self.dice.random() < 0.02:
                post.scan("device_faulty", student_code=student.code, device_code=tag)
            else:
                return tag
        return ""

    def _give(self, post: Post, student: Student, row: Row, tag: str) -> None:
        if not post.scan("pair", student_code=student.code, device_code=tag):
            # No verdict was shown: the PC goes back to the table, the student to another station.
            self.table.append(tag)
            self._come_again(student, 60)
            return
        row["a"] = row["b"] = "already_equipped"
        device = post.station.devices[tag]
        device["v"] = "already_held"
        clumsy = self.dice.random()
        if clumsy < self.plan.clumsiness / 2:
            post.scan("undo", student_code=student.code, device_code=tag)
            row["a"], row["b"], device["v"] = "already_arrived", "ok", "ok"
            self.table.append(tag)
            self._come_again(student, 30)
        elif clumsy < self.plan.clumsiness * 1.5:
            # "Not this one": it goes back to the table, and nobody scans that.
            self.met["F18 PC back on the table without a scan"] += 1
            self.table.append(tag)
            self._come_again(student, self.dice.uniform(20, 600))
        else:
            student.device = tag
            self._maybe_swap(student)

    def give_one_pc_twice(self) -> None:
        """Let two stations give the same PC, neither knowing of the other: a label stuck on two machines (F18)."""
        posts, students = self._stations_b(2), self._ready(2)
        if len(posts) == len(students) == 2 and self.table:
            tag = self.table.pop()
            self.met["F18 one PC given twice"] += 1
            for post, student in zip(posts, students, strict=True):
                student.device = tag
                post.scan("pair", student_code=student.code, device_code=tag)
        else:
            self._later(self.give_one_pc_twice)

    def give_one_student_two(self) -> None:
        """Let one student walk through twice, at stations that do not hear of each other (F19)."""
        posts, students = self._stations_b(2), self._ready(1)
        if len(posts) == 2 and students and len(self.table) > 1:
            self.met["F19 one student given two PCs"] += 1
            for post in posts:
                students[0].device = self.table.pop()
                post.scan("pair", student_code=students[0].code, device_code=students[0].device)
        else:
            self._later(self.give_one_student_two)

    def _later(self, act: Act) -> None:
        if self.agenda.seconds < self.plan.length_s:
            self.agenda.after(300, act)

    def give(self, tag: str) -> None:
        """Give this very PC to whoever is next, whatever a list says."""
        posts, students = self._stations_b(1), self._ready(1)
        if posts and students:
            students[0].device = tag
            posts[0].scan("pair", student_code=students[0].code, device_code=tag)

    def _stations_b(self, count: int) -> list[Post]:
        ready = [post for post in self.posts if post.workshop == "B" and post.is_running and not post.station.stopped]
        return self.dice.sample(ready, min(count, len(ready)))

    def _ready(self, count: int) -> list[Student]:
        """Return students who came out of workshop A and have no PC yet."""
        ready = [student for student in self.students if student.has_pouch and not student.device]
        if len(ready) < count:  # Nobody stands between A and B: somebody who has one comes a second time.
            ready = [student for student in self.students if student.has_pouch]
        return self.dice.sample(ready, min(count, len(ready)))

    def _maybe_swap(self, student: Student) -> None:
        other = self._last_served
        self._last_served = student
        if other is not None and other.device and self.dice.random() < self.plan.swaps:
            self.met["F31 left with the neighbour's PC"] += 1
            student.device, other.device = other.device, student.device
            self.swapped.append((student, other))
            self._last_served = None
