"""The text of the menu's "About": help, and the terms of the data and the program."""

ABOUT = """
### Matinee

What a multitask recommender does: the movies it retrieves for a viewer at a moment, the stars it predicts, and how both
move when the clock is turned.

**Help.** The bar on top of every page says who is watching and when. *Pin this moment*, turn the clock, and every rank
and star shows how far it moved. A click on a title tells why it is there. The address holds the whole view: copy it to
share it. `README.md` leads through all pages, brings your own data in, and adds models.

**For programs.** The same answers as JSON, and what can be asked: [api](/api).

**The data.** MovieLens 100K is by GroupLens Research at the University of Minnesota: for research, not to be
redistributed, and not for commercial use without their permission; it is fetched to this machine and stays there.
MovieLens latest-small, by the same, lies beside the program: it may be used for research and passed on under the
conditions of its README, which lies in the archive, and not for commercial use without their permission. Cite
F. Maxwell Harper and Joseph A. Konstan, *The MovieLens Datasets: History and Context*, ACM TiiS 5 (4), 2015,
<https://doi.org/10.1145/2827872>. Data of your own keep their own terms.

**The program** is under the MIT licence; its fonts, Fraunces and Hanken Grotesk, under the SIL Open Font License.
"""
