def test_the_home_page_opens_in_a_browser(page):
    response = page.goto("/")
    assert response.status == 200
    assert page.locator("h1").count() == 1
